"""French words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "s il vous plait|svp|euh|heu|ben|peut etre|plutot|de|du|des|d|l|la|les|en|dans|pour|un|une|"
        "rendez|vous|"
        "rendez vous|rdv|je|j|voudrais|aimerais|souhaite|veux|est|ce|possible|si|c|libre|disponible|quelque chose|"
        "merci|"
        "creneau|heure|journee|jour|bien|oui|ca|serait|plus tard|tot|environ|annee|mois de|pile"),
    (Kind.ARTICLE, 0, "le|au"),
    (Kind.ANY, 0, "n importe quand|n importe quel jour|des que possible|le plus tot possible|au plus vite|bientot|"
        "peu importe|prochaine disponibilite|premier creneau|premier disponible|prochain disponible|ca m est egal|"
        "quand vous voulez|le plus rapidement possible|au plus tot"),
    (Kind.OFFSET, 0, "aujourd hui|aujourdhui|ce jour"),
    (Kind.OFFSET, 1, "demain"),
    (Kind.OFFSET, 2, "apres demain"),
    (Kind.OFFSET, -1, "hier"),
    *numbered(Kind.WEEKDAY, "lundi|lun|lundis, mardi|mar|mardis, mercredi|mer|mercredis, jeudi|jeu|jeudis, "
        "vendredi|ven|vendredis, samedi|sam|samedis, dimanche|dim|dimanches", start=0),
    (Kind.NEXT, 0, "prochain|prochaine"),
    (Kind.THIS, 0, "cet|cette"),
    (Kind.COMING, 0, "qui vient"),
    (Kind.PLUS_WEEK, 0, "en huit"),
    (Kind.WEEKS, 0, "cette semaine"),
    (Kind.WEEKS, 1, "semaine prochaine|prochaine semaine|semaine suivante|dans une semaine|semaine qui vient|"
        "dans huit jours"),
    (Kind.WEEKS, 2, "dans quinze jours"),
    (Kind.WEEKEND, 0, "week end|weekend|ce week end|ce weekend|fin de semaine|cette fin de semaine"),
    (Kind.WEEKEND, 1, "week end prochain|weekend prochain|prochain week end|prochain weekend"),
    (Kind.MONTHS, 0, "ce mois|ce mois ci"),
    (Kind.MONTHS, 1, "mois prochain|prochain mois|mois qui vient"),
    (Kind.WEEK_UNIT, 0, "semaine|semaines"),
    (Kind.DAY_UNIT, 0, "jours"),
    (Kind.DAY_UNIT, 1, "un jour"),
    *numbered(Kind.MONTH, "janvier|janv, fevrier|fevr|fev, mars, avril|avr, mai, juin, juillet|juil, aout, "
        "septembre|sept, "
        "octobre|oct, novembre|nov, decembre|dec"),
    *numbered(Kind.NUMBER, "une heure, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, "
        "treize, quatorze, "
        "quinze, seize, dix sept, dix huit, dix neuf, vingt, vingt et un, vingt deux, vingt trois, vingt quatre, "
        "vingt cinq, vingt six, vingt sept, vingt huit, vingt neuf, trente, trente et un"),
    (Kind.NUMBER, 45, "quarante cinq"),
    (Kind.ORDINAL, 1, "premier|1er"),
    (Kind.PART, *MORNING, "matin|matinee|le matin|matins|du matin|au matin"),
    (Kind.PART, 0, 600, "tot le matin|en debut de matinee"),
    (Kind.PART, 600, 720, "en fin de matinee"),
    (Kind.PART, *AFTERNOON, "apres midi|l apres midi|de l apres midi|apres midis"),
    (Kind.PART, 900, 1080, "en fin d apres midi|fin d apres midi|fin de journee"),
    (Kind.PART, 720, 900, "en debut d apres midi|debut d apres midi"),
    (Kind.PART, *EVENING, "soir|soiree|le soir|du soir|soirs"),
    (Kind.OCLOCK, 0, "heures|h"),
    (Kind.NOON, 0, "midi"),
    (Kind.MIDNIGHT, 0, "minuit"),
    (Kind.ADD, 30, "et demie|et demi"),
    (Kind.ADD, 15, "et quart"),
    (Kind.ADD, -15, "moins le quart|moins quart"),
    (Kind.AT, 0, "a|vers|aux alentours de|autour de"),
    (Kind.AFTER, 0, "apres|plus tard que|pas avant"),
    (Kind.FROM, 0, "a partir de|a partir du|a partir d|des|depuis"),
    (Kind.BEFORE, 0, "avant|avant le"),
    (Kind.BY, 0, "jusqu a|jusqu au|jusque|au plus tard"),
    (Kind.BETWEEN, 0, "entre"),
    (Kind.AND, 0, "et"),
    (Kind.OR, 0, "ou"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

SAME = {
    "ce matin": "aujourd hui matin",
    "cet apres midi": "aujourd hui apres midi",
    "cette apres midi": "aujourd hui apres midi",
    "ce soir": "aujourd hui soir",
    **{f"ce {day}": f"cet {day}" for day in _DAYS},
}
