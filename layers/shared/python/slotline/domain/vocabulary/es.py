"""Spanish words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "por favor|pues|eh|este|bueno|quizas|quiza|tal vez|a lo mejor|de|del|la|las|los|para|por|una|un|"
        "cita|hora|quiero|quisiera|me gustaria|gustaria|necesito|puede ser|si|puede|puedo|podria|podriamos|ser|seria|"
        "libre|disponible|algo|cualquier cosa|me|mi|que sea|ano|gracias|hay|tiene|tienen|tienes|tendria|tendrian|"
        "hueco|huecos|siguiente a|punto|en punto|solo|solamente|unicamente|mes de|venir|ir|pedir|reservar|agendar|"
        "viene bien|va bien|iria bien|vendria bien|prefiero|preferiria|mejor|seria mejor|estaria bien|hola|digamos|"
        "creo|le|nos|vale|claro|turno|sitio|espacio|sobre todo|todo el dia|el mismo dia de|el mismo dia que|"
        "mismo dia que|mas o menos|aproximadamente|se|es|esta|aqui|o asi|a ser posible|si es posible|si puede ser|"
        "tarde o temprano|con|con usted|con ustedes|por ejemplo"),
    (Kind.ARTICLE, 0, "el|el dia|dia|al dia"),
    (Kind.ANY, 0, "cualquier dia|cualquier hora|a cualquier hora|cualquier momento|en cualquier momento|cuando sea|"
        "cuando pueda|cuando puedan|cuando quiera|lo antes posible|cuanto antes|pronto|lo mas pronto posible|"
        "me da igual|me da igual el dia|da igual|igual|primera disponible|la primera disponible|"
        "la primera cita|proxima disponible|primer hueco|el primer hueco|no importa|no me importa|cualquiera|"
        "en cuanto se pueda|en cuanto pueda|cuando haya|cuando tenga|ya mismo|ahora mismo|todos los dias"),
    (Kind.EACH, 0, "cada|cualquier|todos los|algun"),
    (Kind.OFFSET, 0, "hoy|hoy mismo|ahora|hoy dia"),
    (Kind.MORROW, 0, "manana"),
    (Kind.OFFSET, 2, "pasado manana"),
    (Kind.OFFSET, -1, "ayer"),
    (Kind.SPREAD, 2, 4, "en unos dias|dentro de unos dias|en un par de dias|dentro de un par de dias"),
    (Kind.SPREAD, 0, 4, "los proximos dias|estos dias"),
    (Kind.SHIFT, 7, "una semana despues de|una semana despues del"),
    (Kind.SHIFT, 1, "el dia despues de|un dia despues de|el dia siguiente a|al dia siguiente de"),
    (Kind.SHIFT, -1, "el dia antes de|un dia antes de|el dia anterior a"),
    *numbered(Kind.WEEKDAY, "lunes|lun, martes, miercoles|mie, jueves|jue, viernes|vie, sabado|sab, domingo|dom",
        start=0),
    (Kind.EVERY, 0, 1, "los lunes"),
    (Kind.EVERY, 1, 2, "los martes"),
    (Kind.EVERY, 2, 3, "los miercoles"),
    (Kind.EVERY, 3, 4, "los jueves"),
    (Kind.EVERY, 4, 5, "los viernes"),
    (Kind.EVERY, 5, 6, "los sabados|sabados"),
    (Kind.EVERY, 6, 7, "los domingos|domingos"),
    (Kind.EVERY, 0, 5, "entre semana|dias laborables|dia laborable|dias de semana|dias habiles|un dia entre semana"),
    (Kind.EVERY, 5, 7, "fines de semana|los fines de semana"),
    (Kind.NEXT, 0, "proximo|proxima|que viene|siguiente"),
    (Kind.THIS, 0, "este mismo"),
    (Kind.WEEKS, 0, "esta semana|lo que queda de semana|el resto de la semana|semana"),
    (Kind.WEEKS, 1, "proxima semana|semana que viene|semana proxima|siguiente semana|semana siguiente|"
        "semana entrante"),
    (Kind.WEEKS, 1, 1, "en una semana|dentro de una semana"),
    (Kind.WEEKS, 2, "dentro de quince dias|en quince dias|en dos semanas|dentro de dos semanas"),
    (Kind.WEEKEND, 0, "fin de semana|finde"),
    (Kind.WEEKEND, 0, 1, "este fin de semana|este finde"),
    (Kind.WEEKEND, 1, 2, "proximo fin de semana|fin de semana que viene|fin de semana proximo"),
    (Kind.MONTHS, 0, "este mes|mes"),
    (Kind.MONTHS, 1, "proximo mes|mes que viene|mes proximo|en un mes|dentro de un mes"),
    (Kind.STRETCH, 0, "a principios de|a principios del|principios de|a comienzos de|a inicios de|al principio de|"
        "al principio del|a principio de"),
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
    *numbered(Kind.ORDINAL, "primero|primer|primera, segundo, tercero|tercer, cuarto, quinto"),
    (Kind.MONTH_DAY, 1224, "nochebuena"),
    (Kind.MONTH_DAY, 1225, "navidad|dia de navidad"),
    (Kind.MONTH_DAY, 1231, "nochevieja"),
    (Kind.APPOINTMENT, 0, "mi cita|mi proxima cita|mi cita actual|mi turno|mi reserva|la cita que tengo|"
        "la que tengo|la que ya tengo|la cita que ya tengo"),
    (Kind.PART, *MORNING, "por la manana|de la manana|en la manana|esta manana por la manana|a la manana|"
        "por las mananas|las mananas|mananas|por la manana temprano"),
    (Kind.PART, 600, 720, "a media manana|media manana|a ultima hora de la manana"),
    (Kind.PART, 0, 600, "de la madrugada|temprano por la manana|muy temprano"),
    (Kind.PART, 720, 1200, "tarde|por la tarde|de la tarde|en la tarde|a la tarde|tardes|por las tardes|las tardes"),
    (Kind.PART, 720, 900, "a primera hora de la tarde"),
    (Kind.PART, 1020, 1200, "a ultima hora de la tarde"),
    (Kind.PART, 1140, 1440, "noche|por la noche|de la noche|en la noche|por las noches"),
    (Kind.PART, *LUNCH, "mediodia|a mediodia|al mediodia|hora de comer|a la hora de comer"),
    (Kind.PART, 720, 840, "del mediodia"),
    (Kind.PART, 840, 1440, "despues de comer|despues del almuerzo"),
    (Kind.PART, 1020, 1440, "despues del trabajo|al salir del trabajo"),
    (Kind.OPENING, 0, "a primera hora|primera hora|a primera hora de la manana|en cuanto abran|cuando abran|"
        "al abrir|nada mas abrir"),
    (Kind.CLOSING, 0, "a ultima hora|ultima hora|antes de cerrar|antes del cierre|justo antes de cerrar|"
        "al final del dia|a ultima hora del dia"),
    (Kind.EARLY, 0, "temprano"),
    (Kind.OCLOCK, 0, "h|hs|en punto"),
    (Kind.MIDNIGHT, 0, "medianoche|a medianoche"),
    (Kind.ADD, 30, "y media"),
    (Kind.ADD, 15, "y cuarto"),
    (Kind.ADD, -15, "menos cuarto"),
    (Kind.ADD, -5, "menos cinco"),
    (Kind.ADD, -10, "menos diez"),
    (Kind.ADD, -20, "menos veinte"),
    (Kind.ADD, -25, "menos veinticinco"),
    (Kind.AT, 0, "a las|a la|sobre las|sobre la|hacia las|hacia la|alrededor de las|alrededor de la|a eso de las|"
        "a eso de la|como a las|tipo"),
    (Kind.AFTER, 0, "despues de|despues de las|despues de la|despues del|pasadas las|mas tarde de las|mas tarde de|"
        "mas tarde que|mas tarde del|mas tarde que las|posterior a|tras|pasado el"),
    (Kind.FROM, 0, "desde|desde las|desde la|desde el|a partir de|a partir de las|a partir de la|a partir del|"
        "de las|no antes de|no antes de las|no antes de la|no antes del|como pronto"),
    (Kind.BEFORE, 0, "antes de|antes de las|antes de la|antes del|antes que|mas temprano que|anterior a"),
    (Kind.BY, 0, "hasta|hasta las|hasta la|hasta el|no mas tarde de|no mas tarde de las|no mas tarde del|"
        "como muy tarde|como tarde|a mas tardar"),
    (Kind.BETWEEN, 0, "entre|entre las|entre la|entre el"),
    (Kind.IN, 0, "en|dentro de|dentro"),
    (Kind.NOT, 0, "no|ni|ni el|menos|menos el|menos los|excepto|excepto el|excepto los|salvo|salvo el|salvo los|"
        "pero no|pero no el|que no sea|que no sean|que no sea el|pero que no sea|no puedo|no puedo el|no puedo los|"
        "cualquiera menos|cualquier dia menos|cualquier dia menos el|cualquier dia excepto|"
        "cualquier dia excepto el|cualquier dia salvo|cualquier dia salvo el|cualquier dia que no sea|"
        "cualquier dia que no sea el|no me viene bien|no me va bien|todos los dias menos"),
    (Kind.BUT, 0, "pero"),
    (Kind.AND, 0, "y las|y la|y el|e"),
    (Kind.PLUS, 0, "y"),
    (Kind.TO, 0, "a"),
    (Kind.TO, 1, "al"),
    (Kind.OR, 0, "o|u|o bien|o el"),
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
    "manana temprano": "manana por la manana",
    **{f"{word} la una": f"{word} las uno" for word in (*_BEFORE_ONE, *_LIMITS_AT_ONE)},
    **{f"este {day}": f"{day} este mismo" for day in _DAYS},
}
