"""Spanish words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "por favor|pues|eh|este|bueno|quizas|tal vez|a lo mejor|de|del|la|las|los|en|para|por|una|un|"
        "a|al|cita|"
        "hora|horas|quiero|quisiera|me gustaria|gustaria|necesito|puede ser|si|puede|podria|ser|libre|disponible|"
        "algo|"
        "cualquier cosa|me|que sea|ano|gracias|mas tarde|temprano|dentro de|dentro|hay|tiene|tienen|hueco|"
        "siguiente a|"
        "punto|en punto|solo|mes de"),
    (Kind.ARTICLE, 0, "el|el dia|dia|al dia"),
    (Kind.ANY, 0, "cualquier dia|cualquier hora|cualquier momento|cuando sea|lo antes posible|cuanto antes|pronto|"
        "lo mas pronto posible|me da igual|da igual|primera disponible|la primera|proxima disponible|primer hueco|"
        "no importa|cualquiera|en cuanto se pueda"),
    (Kind.OFFSET, 0, "hoy|hoy mismo"),
    (Kind.MORROW, 0, "manana"),
    (Kind.OFFSET, 2, "pasado manana"),
    (Kind.OFFSET, -1, "ayer"),
    *numbered(Kind.WEEKDAY, "lunes|lun, martes|mar, miercoles|mie, jueves|jue, viernes|vie, sabado|sab|sabados, "
        "domingo|dom|domingos", start=0),
    (Kind.NEXT, 0, "proximo|proxima|que viene|siguiente"),
    (Kind.THIS, 0, "este mismo"),
    (Kind.WEEKS, 0, "esta semana"),
    (Kind.WEEKS, 1, "proxima semana|semana que viene|semana proxima|siguiente semana|semana siguiente|en una semana|"
        "dentro de una semana"),
    (Kind.WEEKEND, 0, "fin de semana|este fin de semana|finde|este finde"),
    (Kind.WEEKEND, 1, "proximo fin de semana|fin de semana que viene|fin de semana proximo"),
    (Kind.MONTHS, 0, "este mes"),
    (Kind.MONTHS, 1, "proximo mes|mes que viene|mes proximo"),
    (Kind.WEEK_UNIT, 0, "semana|semanas"),
    (Kind.DAY_UNIT, 0, "dias"),
    (Kind.DAY_UNIT, 1, "un dia"),
    *numbered(Kind.MONTH, "enero|ene, febrero|feb, marzo, abril|abr, mayo, junio|jun, julio|jul, agosto|ago, "
        "septiembre|setiembre|sept|sep, octubre|oct, noviembre|nov, diciembre|dic"),
    *numbered(Kind.NUMBER, "uno|la una|las una, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, "
        "doce, trece, "
        "catorce, quince, dieciseis, diecisiete, dieciocho, diecinueve, veinte, veintiuno|veintiun, veintidos, "
        "veintitres, veinticuatro, veinticinco, veintiseis, veintisiete, veintiocho, veintinueve, treinta, "
        "treinta y uno"),
    (Kind.ORDINAL, 1, "primero"),
    (Kind.PART, *MORNING, "por la manana|de la manana|en la manana|esta manana por la manana|a la manana"),
    (Kind.PART, 0, 600, "a primera hora|primera hora|de la madrugada"),
    (Kind.PART, 720, 1200, "tarde|por la tarde|de la tarde|en la tarde|a la tarde|tardes"),
    (Kind.PART, 1140, 1440, "noche|por la noche|de la noche|en la noche"),
    (Kind.PART, *LUNCH, "mediodia|a mediodia|al mediodia|hora de comer"),
    (Kind.PART, 720, 840, "del mediodia"),
    (Kind.OCLOCK, 0, "h|hs"),
    (Kind.MIDNIGHT, 0, "medianoche|a medianoche"),
    (Kind.ADD, 30, "y media"),
    (Kind.ADD, 15, "y cuarto"),
    (Kind.ADD, -15, "menos cuarto"),
    (Kind.AT, 0, "a las|a la|sobre las|sobre la|hacia las|alrededor de las|a eso de las"),
    (Kind.AFTER, 0, "despues de|despues de las|despues de la|despues del|pasadas las|mas tarde de las|mas tarde de"),
    (Kind.FROM, 0, "desde|desde las|desde la|desde el|a partir de|a partir de las|a partir de la|a partir del|"
        "de las"),
    (Kind.BEFORE, 0, "antes de|antes de las|antes de la|antes del"),
    (Kind.BY, 0, "hasta|hasta las|hasta la|hasta el"),
    (Kind.BETWEEN, 0, "entre|entre las|entre la"),
    (Kind.AND, 0, "y|y las|y la"),
    (Kind.OR, 0, "o|u"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_DAYS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")

SAME = {
    "esta manana": "hoy por la manana",
    "esta tarde": "hoy por la tarde",
    "esta noche": "hoy por la noche",
    "manana temprano": "manana por la manana",
    "a la una": "a las la una",
    "sobre la una": "a las la una",
    **{f"este {day}": f"{day} este mismo" for day in _DAYS},
}
