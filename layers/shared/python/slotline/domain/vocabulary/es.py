"""Spanish words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import LUNCH, MORNING, Denial, Kind, Row, numbered

_SOONEST = "|".join(
    f"{the}{first} {place} {free}"
    for the, first, places in (
        *((the, first, ("cita", "hora")) for the in ("", "la ") for first in ("primera", "proxima")),
        *((the, first, ("hueco", "turno")) for the in ("", "el ") for first in ("primer", "proximo")),
    )
    for place in places
    for free in ("disponible", "libre", "posible", "que tenga", "que tengan", "que haya")
)

ARTICLES = frozenset({"el", "del", "dia"})

ROWS: tuple[Row, ...] = (
    (Kind.ANY, 0, _SOONEST),
    (Kind.FILLER, 0, "por favor|pues|eh|este|bueno|quizas|quiza|tal vez|a lo mejor|alguien|venga|vengan|de|del|"
        "la|las|los|para|por|una|un|gustaria|puede ser|si|podriamos|ser|seria|libre|disponible|algo|cualquier cosa|"
        "me|mi|sea|que sea|que fuera|fuera|ano|gracias|hay|tiene|tienen|tienes|tendria|tendrian|hueco|huecos|"
        "siguiente a|punto|en punto|solo|solamente|unicamente|mes de|venir|ir|pedir|reservar|agendar|viene bien|"
        "va bien|iria bien|vendria bien|prefiero|preferiria|mejor|seria mejor|estaria bien|hola|digamos|creo|le|"
        "nos|vale|claro|turno|sitio|espacio|sobre todo|todo el dia|el mismo dia de|el mismo dia que|mismo dia que|"
        "aproximadamente|se|es|esta|aqui|a ser posible|si es posible|si puede ser|tarde o temprano|con|con usted|"
        "con ustedes|por ejemplo|viniera|vinieran|pasara|pasaran|viniese|viene alguien|preferimos|prefeririamos|"
        "que dias|que dia|que horas|dias tienen|dias tiene|nos viene bien|nos va bien|nos vendria bien|"
        "nos iria bien|nos gustaria|cita|hora|no funciona|no me funciona|no va bien|no arranca|no me arranca|"
        "no enciende|no sale agua|no tengo agua|no calienta|no enfria|ha dejado de funcionar|se ha estropeado|"
        "se ha roto|se me ha roto|esta roto|esta rota|les|lo|paciente|nuevo|nueva|paciente nuevo|espalda|rodilla|"
        "hombro|cuello|cita nueva|atenderme|si acaso|con tal de que sea|mientras sea|siempre que sea|con que sea|"
        "mucho|muy|otro|otra|cosa|alguna|alguno|todo|toda|esto|bastante|seguro|cierto|verdad|claro que si|"
        "la verdad|a mi|para mi|para nosotros|conmigo|tener|hacer|haria|hago|hacerme|hacerle|deberia|decir|"
        "pregunta|favor|necesita|urge|miren|mirarme|revisar|revisarme|revisen|senor|senora|senorita|vosotros|os|"
        "teneis|podeis|podriais|tendriais|habeis|venid|hombre|mujer|encantado|encantada|buen dia|muy buenas|"
        "muy bien|esta bien|estaria genial|seria genial|seria perfecto|seria ideal|seria estupendo|"
        "estaria perfecto|si os viene bien|si le viene bien|si les viene bien|si le va bien|si les va bien|"
        "si tiene hueco|si tienen hueco|si tiene sitio|si tienen sitio|si tiene algo|si tienen algo|si tiene libre|"
        "si esta libre|si esta disponible|si queda algo|si queda hueco|queda|quedan|os viene bien|le viene bien|"
        "me vale|me sirve|sirve|serviria|oiga|oye|mira|mire|a ver|dejeme ver|vera|pues nada|yo|nosotros|usted|"
        "ustedes|ella|mis|su|sus|tu|que|q|y si|genial|perfecto|estupendo|fenomenal|bien|buenas|buenos dias|"
        "buenas tardes|buenas noches|okay|ok|de acuerdo|por supuesto|bueno pues|entonces|asi que|porfa|porfavor|"
        "si es posible por favor|si no es molestia|si no le importa|si tienen|si tiene|si hay|si hubiera|"
        "si abren|si abris|si esta abierto|si estan abiertos|si estan abiertas|preferible|"
        "si hay hueco|si hay sitio|si puedo|si pudiera|si pudiera ser|pudiera|pudiera ser|si se puede|se puede|"
        "se podria|podrian|podrias|pueden|puedes|tendra|tendran|habria|habra|hubiera|haya|habria algo|"
        "estaba pensando|pensando|pensaba|pienso|diria|digo yo|supongo|imagino|acaso|igual podria|necesitaria|"
        "necesitamos|queria|queriamos|queremos|quiere|querria|deseo|desearia|me gustaria ir|me encantaria|"
        "me interesa|busco|buscando|llamaba|llamo|preguntar|queria preguntar|saber|queria saber|para pedir|"
        "pedir cita|coger|coger cita|cogerme|darme|dar|deme|dame|dar cita|sacar|sacar cita|concertar|apuntar|"
        "apuntarme|apunteme|ponerme|poner|pongame|meter|meterme|encajar|encajarme|atender|me atiendan|"
        "que me atiendan|que me vean|verme|ver|pasarme|pasar|acercarme|llevar|llevarlo|llevarla|traer|traerlo|ir a|"
        "vengo|voy|iria|vendria|me va|me iria|me viene|me viene mejor|me viene perfecto|me vendria|me vendria bien|"
        "me va bien|me va mejor|me iria bien|me conviene|conviene|convendria|me cuadra|cuadra|cuadraria|me encaja|"
        "encaja|lo ideal|ideal|idealmente|lo ideal seria|preferiblemente|preferentemente|de preferencia|siempre|"
        "tambien podria ser|mejor que|algun hueco|algo libre|alguna hora|alguna cita|cita libre|citas|horas libres|"
        "huecos libres|hora libre|disponibilidad|disponibles|libres|posible|posibilidad|hay posibilidad|"
        "habria posibilidad|esa|ese|eso|aquel|aproximado|alrededor|mas bien|poco|un poco|un rato|rato|momento|"
        "un momento|un segundo|algo asi|y eso|o por ahi|por ahi|o algo asi|todavia|aun|ya|tambien|estoy|estaria|"
        "estamos|estare|disponible estoy|tengo libre|tengo|tenemos|libre tengo|limpieza|revision|consulta|empaste|"
        "muela|diente|dientes|dolor|duele|me duele|dentista|doctor|doctora|medico|higienista|corte|corte de pelo|"
        "pelo|cortar|cortarme|cortarme el pelo|tinte|mechas|peinado|barba|unas|manicura|pedicura|masaje|depilacion|"
        "coche|carro|moto|furgoneta|aceite|cambio de aceite|cambio|ruedas|neumaticos|frenos|itv|taller|reparacion|"
        "reparar|arreglar|arreglo|fontanero|plomero|fuga|grifo|tuberia|caldera|presupuesto|visita|sesion|"
        "tratamiento|hijo|hija|nino|nina|madre|padre|marido|perro|gato|es urgente|urgencia|es una urgencia|es para|"
        "seria para"),
    # A request: words before it that nobody knows told why.
    (Kind.FILLER, 1, "que tal|quiero|quisiera|queria|necesito|necesitaria|puede|puedo|podria|podrian|pueden|"
        "me gustaria|tiene|tienen|tendria|tendrian|hay|habria|venir|que venga|que venga alguien|que vengan|"
        "por favor|pedir cita|pueden venir|puede venir|me puede dar|me podria dar|a ver si|busco"),
    (Kind.FILLER, 3, "de|del|la|las|los|es|esta|con|una|un|se|que|ser|era"),
    (Kind.FILLER, 2, "para|por"),
    (Kind.FILLER, 4, "porque|ya que|puesto que|que luego"),
    # A habit, an absence or somebody else's plans: when they are free cannot be told from it.
    (Kind.UNKNOWN, 0, "cancelar|anular|mover|aplazar|posponer|duele desde|me duele desde|dolor desde|mal desde|"
        "cumpleanos|de aqui a|les llamo|le llamo|os llamo|ya llamo|llamo yo|vuelvo a llamar|llamare|otro dia|"
        "mas tarde|mas temprano|mas pronto|mas adelante|trabajo|salgo|tengo trabajo|tengo que|tengo algo|"
        "tengo otra|demasiado|muy tarde|muy pronto|no se si|ya tengo|cambiar|de esos|de esas"),
    (Kind.CORRECTION, 0, "no no|no espera|no espere|espera|espere|no mejor|no no mejor|perdona|perdone|"
        "no perdona|no perdone|no digo|uy no|ay no|ay perdon|uy perdon|en realidad|bueno no|bueno mejor|miento|"
        "no miento|quise decir|queria decir|corrijo|rectifico|o mejor dicho|o mejor|no disculpe|disculpe|disculpa|"
        "mejor dicho|pensandolo bien"),
    (Kind.ONWARD, 0, "en adelante|o mas tarde|o despues|o mas adelante|o despues de esa hora|para adelante"),
    (Kind.ONWARD, 1, "o antes|o antes de esa hora|o mas temprano"),
    (Kind.ALSO, 0, "tambien|tambien puedo|tambien podria|tambien me va bien|tambien me viene bien|tambien vale|"
        "me vale|tambien estaria bien|tambien me sirve|me sirve"),
    (Kind.ADD, 0, "y pico|o asi|y algo|mas o menos"),
    (Kind.NUMBER, 2, "un par de"),
    (Kind.COUNTED, 0, "personas|ninos|adultos|anos"),
    (Kind.MONTH_UNIT, 0, "meses"),
    (Kind.WEEKS, 1, "la que viene"),
    (Kind.WEEKS_ON, 1, "la siguiente|la otra|la de despues|la semana siguiente a esa"),
    (Kind.STRETCH, 0, "a principio|al comienzo de|comienzos de|inicios de|primeros de|a primeros de"),
    (Kind.STRETCH, 2, "a ultimos de|ultimos de|hacia finales de|hacia final de"),
    (Kind.STRETCH, 1, "hacia mediados de|sobre mediados de"),
    (Kind.ARTICLE, 0, "el|el dia|dia|al dia"),
    (Kind.ANY, 0, "cuanto antes mejor|lo antes que pueda|lo antes que puedan|lo antes que tenga|lo mas pronto|"
        "lo mas rapido posible|con urgencia|de urgencia|urgente|urgentemente|enseguida|inmediatamente|ahora ya|"
        "cualquier hora del dia|a la hora que sea|el dia que sea|cuando usted diga|cuando ustedes digan|cuando me diga|"
        "cuando tengan|cuando tengan hueco|cuando tenga hueco|cuando haya hueco|cuando les venga bien|"
        "cuando le venga bien|lo primero que tenga|lo primero que tengan|lo primero que haya|el primero que tenga|"
        "el primero que haya|la primera que tenga|la primera que tengan|el mas proximo|la mas proxima|"
        "la cita mas cercana|la cita mas proxima|el hueco mas cercano|el hueco mas proximo|el proximo hueco|"
        "la proxima disponible|me da lo mismo|da lo mismo|lo mismo me da|indiferente|me es indiferente|es indiferente|"
        "cualquier dia me va bien|cualquier dia me viene bien|no tengo preferencia|sin preferencia|flexible|"
        "soy flexible|cualquier dia|cualquier hora|a cualquier hora|cualquier momento|en cualquier momento|cuando sea|"
        "cuando pueda|cuando puedan|cuando quiera|lo antes posible|cuanto antes|pronto|lo mas pronto posible|"
        "me da igual|me da igual el dia|da igual|igual|primera disponible|la primera disponible|la primera cita|"
        "proxima disponible|primer hueco|el primer hueco|no importa|no me importa|cualquiera|en cuanto se pueda|"
        "en cuanto pueda|en cuanto puedan|en cuanto tenga|en cuanto tengan|cuando haya|cuando tenga|ya mismo|"
        "ahora mismo|todos los dias"),
    (Kind.EACH, 0, "cada|cualquier|todos los|algun"),
    (Kind.OFFSET, 0, "hoy|hoy mismo|ahora|hoy dia"),
    (Kind.MORROW, 0, "manana"),
    (Kind.OFFSET, 2, "pasado manana"),
    (Kind.OFFSET, -1, "ayer"),
    (Kind.SPREAD, 2, 4, "en unos dias|dentro de unos dias|en unos cuantos dias"),
    (Kind.SPREAD, 1, 2, "en uno o dos dias|dentro de uno o dos dias"),
    (Kind.OFFSET, 2, "en un par de dias|dentro de un par de dias"),
    (Kind.OFFSET, 7, "de hoy en ocho dias|de hoy en ocho|hoy en ocho"),
    (Kind.OFFSET, 14, "de hoy en quince dias|de hoy en quince"),
    (Kind.SHIFT, 7, "en ocho|en ocho dias"),
    (Kind.SAME_DAY, 0, "ese mismo dia|el mismo dia"),
    (Kind.SPREAD, 0, 4, "los proximos dias|estos dias"),
    (Kind.SHIFT, 7, "una semana despues de|una semana despues del"),
    (Kind.SHIFT, 1, "el dia despues de|un dia despues de|el dia siguiente a|al dia siguiente de"),
    (Kind.SHIFT, -1, "el dia antes de|un dia antes de|el dia anterior a"),
    *numbered(Kind.WEEKDAY, "lunes|lun, martes, miercoles|mie, jueves|jue, viernes|vie, sabado|sab, domingo|dom",
        start=0),
    (Kind.EVERY, 0, 1, "los lunes|un lunes|algun lunes"),
    (Kind.EVERY, 1, 2, "los martes|un martes|algun martes"),
    (Kind.EVERY, 2, 3, "los miercoles|un miercoles|algun miercoles"),
    (Kind.EVERY, 3, 4, "los jueves|un jueves|algun jueves"),
    (Kind.EVERY, 4, 5, "los viernes|un viernes|algun viernes"),
    (Kind.EVERY, 5, 6, "los sabados|sabados|un sabado|algun sabado"),
    (Kind.EVERY, 6, 7, "los domingos|domingos|un domingo"),
    (Kind.EVERY, 0, 5, "entre semana|dias laborables|dia laborable|dias de semana|dias habiles|"
        "un dia entre semana|cualquier dia laborable|cualquier dia entre semana|cualquier dia de diario|"
        "entre diario|dia entre semana|dias entre semana|de lunes a viernes"),
    (Kind.EVERY, 5, 7, "fines de semana|los fines de semana"),
    (Kind.NEXT, 0, "proximo|proxima|que viene|siguiente"),
    (Kind.THIS, 0, "este mismo"),
    (Kind.WEEKS, 0, "esta semana|lo que queda de semana|el resto de la semana|semana"),
    (Kind.WEEKS, 1, "proxima semana|semana que viene|semana proxima|siguiente semana|semana siguiente|"
        "semana entrante"),
    (Kind.WEEKS, 1, 1, "en una semana|dentro de una semana|de aqui a una semana"),
    (Kind.WEEKS, 2, "dentro de un par de semanas|en un par de semanas"),
    (Kind.WEEKS, 2, "dentro de quince dias|en quince dias|en dos semanas|dentro de dos semanas"),
    (Kind.WEEKEND, 0, "fin de semana|finde"),
    (Kind.WEEKEND, 0, 1, "este fin de semana|este finde"),
    (Kind.WEEKEND, 1, 2, "proximo fin de semana|fin de semana que viene|fin de semana proximo"),
    (Kind.MONTHS, 0, "este mes|lo que queda de mes|el resto del mes"),
    (Kind.MONTHS, 0, 1, "mes"),
    (Kind.MONTHS, 1, "mes entrante|mes siguiente|proximo mes|mes que viene|mes proximo|en un mes|"
        "dentro de un mes"),
    (Kind.STRETCH, 0, "a principios de|a principios del|principios de|a comienzos de|a inicios de|"
        "al principio de|al principio del|a principio de"),
    (Kind.STRETCH, 1, "a mediados de|a mediados del|mediados de|a mitad de"),
    (Kind.STRETCH, 2, "a finales de|a finales del|finales de|a fines de|al final de|al final del|a final de|"
        "fin de|final de|el final de|el final del"),
    (Kind.WEEK_OF, 0, "semana del|la semana del"),
    (Kind.FINAL, 0, "ultimo|ultima"),
    (Kind.WEEK_UNIT, 0, "semanas"),
    (Kind.DAY_UNIT, 0, "dias"),
    (Kind.DAY_UNIT, 1, "un dia"),
    (Kind.HOUR_UNIT, 1, "horas"),
    (Kind.MINUTE_UNIT, 0, "minutos"),
    (Kind.SOON, 60, "una hora"),
    (Kind.SOON, 30, "media hora"),
    *numbered(Kind.MONTH, "enero|ene, febrero|feb, marzo, abril|abr, mayo, junio|jun, julio|jul, agosto|ago, "
        "septiembre|setiembre|sept|sep, octubre|oct, noviembre|nov, diciembre|dic"),
    *numbered(Kind.NUMBER, "uno|la una|las una, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, "
        "doce, trece, catorce, quince, dieciseis, diecisiete, dieciocho, diecinueve, veinte, veintiuno|veintiun, "
        "veintidos, veintitres, veinticuatro, veinticinco, veintiseis, veintisiete, veintiocho, veintinueve, treinta, "
        "treinta y uno"),
    *numbered(Kind.ORDINAL, "primero|primer|primera, segundo|segunda, tercero|tercer|tercera, cuarto|cuarta, "
        "quinto|quinta"),
    (Kind.MONTH_DAY, 1224, "nochebuena"),
    (Kind.MONTH_DAY, 1225, "navidad|dia de navidad"),
    (Kind.MONTH_DAY, 1231, "nochevieja"),
    (Kind.APPOINTMENT, 0, "mi cita|mi proxima cita|mi cita actual|mi turno|mi reserva|la cita que tengo|"
        "la que tengo|la que ya tengo|la cita que ya tengo|cita que tengo|cita que ya tengo|cita actual|otra cita|"
        "cita que tenia"),
    (Kind.PART, *MORNING, "por la manana|de la manana|en la manana|esta manana por la manana|a la manana|"
        "por las mananas|las mananas|mananas|por la manana temprano"),
    (Kind.PART, 600, 720, "a media manana|media manana|a ultima hora de la manana"),
    (Kind.PART, 0, 600, "de la madrugada|temprano por la manana|muy temprano"),
    (Kind.PART, 720, 1200, "tarde|por la tarde|de la tarde|en la tarde|a la tarde|tardes|por las tardes|"
        "las tardes"),
    (Kind.PART, 720, 900, "a primera hora de la tarde"),
    (Kind.PART, 1020, 1200, "a ultima hora de la tarde"),
    (Kind.PART, 1140, 1440, "noche|por la noche|de la noche|en la noche|por las noches"),
    (Kind.PART, *LUNCH, "mediodia|a mediodia|al mediodia|hora de comer|a la hora de comer"),
    (Kind.PART, 720, 840, "del mediodia"),
    (Kind.PART, 840, 1440, "despues de comer|despues del almuerzo"),
    (Kind.PART, 1020, 1440, "despues del trabajo|al salir del trabajo"),
    (Kind.OPENING, 0, "a primera hora|primera hora|a primera hora de la manana|en cuanto abran|cuando abran|"
        "lo primero de la manana|nada mas abran|a la primera hora|al abrir|nada mas abrir"),
    (Kind.CLOSING, 0, "a ultima hora|ultima hora|antes de cerrar|antes del cierre|justo antes de cerrar|"
        "al final del dia|a ultima hora del dia|a la ultima hora|la ultima cita|la ultima hora|"
        "la ultima cita del dia|el ultimo hueco|el ultimo hueco del dia|antes de que cierren|"
        "justo antes de que cierren"),
    (Kind.EARLY, 0, "temprano|tempranito|prontito"),
    (Kind.OCLOCK, 0, "h|hs|en punto"),
    (Kind.MIDNIGHT, 0, "medianoche|a medianoche"),
    (Kind.ADD, 30, "y media"),
    (Kind.ADD, 15, "y cuarto"),
    (Kind.ADD, -15, "menos cuarto"),
    (Kind.ADD, -5, "menos cinco"),
    (Kind.ADD, -10, "menos diez"),
    (Kind.ADD, -20, "menos veinte"),
    (Kind.ADD, -25, "menos veinticinco"),
    (Kind.AT, 0, "mas o menos a las|mas o menos a la|mas o menos sobre las|sobre|hacia|cerca de las|"
        "por ahi de las|en torno a las|en torno a la|aproximadamente a las|como sobre las|a las|a la|sobre las|"
        "sobre la|hacia las|hacia la|alrededor de las|alrededor de la|a eso de las|a eso de la|como a las|tipo"),
    (Kind.AFTER, 0, "despues de|despues de las|despues de la|despues del|pasadas las|mas tarde de las|"
        "mas tarde de|mas tarde que|mas tarde del|mas tarde que las|posterior a|tras|pasado el|pasada la|pasadas|"
        "solo despues de las|salgo del trabajo a las|salgo de trabajar a las|salgo a las|acabo a las|termino a las|"
        "acabo de trabajar a las"),
    (Kind.FROM, 0, "desde|desde las|desde la|desde el|a partir de|a partir de las|a partir de la|a partir del|"
        "de las|no antes de|no antes de las|no antes de la|no antes del|como pronto|nunca antes de las|"
        "nada antes de las|nada antes de|del dia|siempre a partir de las"),
    (Kind.BEFORE, 0, "antes de|antes de las|antes de la|antes del|antes que|mas temprano que|anterior a"),
    (Kind.BY, 0, "hasta|hasta las|hasta la|hasta el|no mas tarde de|no mas tarde de las|no mas tarde del|"
        "como muy tarde|como tarde|a mas tardar|lo mas tarde|maximo|como maximo|no despues de|no despues de las|"
        "no despues del"),
    (Kind.BETWEEN, 0, "entre|entre las|entre la|entre el"),
    (Kind.WITHIN, 0, "en los proximos|en las proximas|durante los proximos|durante las proximas|en menos de"),
    (Kind.IN, 0, "durante|a lo largo de|en el transcurso de|en|dentro de|dentro"),
    (Kind.NOT, Denial.CORRECTS, "no"),
    (Kind.NOT, Denial.AHEAD,
     "ni|ni el|menos|menos el|menos los|excepto|excepto el|excepto los|salvo|salvo el|salvo los|"
        "pero no|pero no el|que no sea|que no sean|que no sea el|pero que no sea|cualquiera menos|"
        "cualquier dia menos|cualquier dia menos el|cualquier dia excepto|cualquier dia excepto el|"
        "cualquier dia salvo|cualquier dia salvo el|cualquier dia que no sea|cualquier dia que no sea el|"
        "todos los dias menos|todos los dias menos el|todos los dias excepto|todos los dias excepto el|"
        "todos los dias salvo el|mientras no sea|mientras no sea el|mientras no sea en|siempre que no sea|"
        "siempre que no sea el|con tal de que no sea|pero no los|pero no en|que no sean los|a excepcion del|"
        "a excepcion de los|a excepcion de|evitar|evitar el|evitar los|evitando|quitando|quitando el|quitando los|"
        "aparte del|aparte de|nada de|nada|ningun|cualquier cosa menos|cualquier cosa menos el|preferiblemente no|"
        "prefiero que no sea|prefiero que no sea el|mejor que no sea|mejor que no sea el|mejor no|prefiero no"),
    (Kind.NOT, Denial.BEHIND,
     "no me viene bien|no me va bien|no me cuadra|no me conviene|no me encaja|no me sirve|imposible|"
        "me es imposible|es imposible|lo tengo mal|lo tengo complicado|complicado|esta complicado|lo veo dificil|"
        "dificil|es dificil|es complicado|me va mal|me viene mal|me viene fatal|me va fatal|no me es posible"),
    (Kind.NOT, Denial.EITHER,
     "no puedo|no puedo el|no puedo los|no estoy|no estoy el|no estare|no voy a poder|no podria|"
        "no podre|ocupado|ocupada|estoy ocupado|estoy ocupada"),
    (Kind.BUT, 0, "pero"),
    (Kind.AND, 0, "y las|y la|y el|e"),
    (Kind.PLUS, 0, "y"),
    (Kind.TO, 0, 1, "a"),
    (Kind.TO, 1, "al"),
    (Kind.OR, 0, "o|u|o bien|o el|o si no|o si no el|si no|y si no|y si no el|si no el|o en su defecto|"
        "en su defecto|o en su defecto el|o incluso|o incluso el|o tal vez|o quizas|o quiza|o los|ya sea|o sino|"
        "o sino el|o como alternativa|como alternativa"),
    (Kind.CORRECTION, 0, "no perdon|perdon|digo|mejor dicho|quiero decir"),
    (Kind.AGO, 0, "hace"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_DAYS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
_BEFORE_ONE = ("a", "sobre", "hacia", "alrededor de", "a eso de", "despues de", "antes de", "no antes de")
_LIMITS_AT_ONE = ("desde", "a partir de", "hasta", "entre", "de", "y")

SAME = {
    "esta manana": "hoy por la manana",
    "esta tarde": "hoy por la tarde",
    "esta noche": "hoy por la noche",
    "manana o pasado": "manana o pasado manana",
    "temprano por la manana": "muy temprano",
    "manana por la manana temprano": "manana muy temprano",
    **{
        f"{until} {end}": "antes del final de"
        for until in ("antes de que", "antes de")
        for end in ("acabe el", "termine el", "acabar el", "terminar el", "acabe", "termine", "acabar", "terminar")
    },
    "antes de fin de": "antes del final de",
    "de aqui al": "hasta",
    "desde hoy hasta": "hasta",
    "de hoy a": "hasta",
    "de hoy al": "hasta",
    "entre hoy y": "hasta",
    "entre hoy y el": "hasta",
    "en la proxima semana": "proxima semana",
    "a mediados de semana": "a mediados de esta semana",
    "a finales de semana": "a finales de esta semana",
    **{f"{word} la una": f"{word} las uno" for word in (*_BEFORE_ONE, *_LIMITS_AT_ONE)},
    **{f"este {day}": f"{day} este mismo" for day in _DAYS},
}
