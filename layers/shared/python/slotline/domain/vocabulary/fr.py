"""French words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "s il vous plait|svp|euh|heu|ben|peut etre|plutot|de|du|des|d|l|la|les|pour|un|une|"
        "rendez|vous|rendez vous|un rendez vous|rdv|je|j|on|il|voudrais|aimerais|souhaite|souhaiterais|veux|est|ce|"
        "possible|si|c|libre|disponible|quelque chose|merci|creneau|heure|journee|jour|bien|oui|ca|serait|plus tard|"
        "environ|annee|mois de|pile|avez|avez vous|vous avez|auriez vous|y a t il|est ce que|est ce qu|prendre|venir|"
        "passer|reserver|me|m|moi|irait|va|ca va|conviendrait|convient|prefere|prefererais|le mieux|mieux|seulement|"
        "uniquement|bonjour|disons|dispo|toute la journee|si possible|quelconque|avec|ou alors plutot|"
        "le meme jour que|meme jour que|dans la journee|et quelque|a peu pres|que|qu|pouvez|pourrait|peut|puis|"
        "pourrais|mettre|faire|alors|bon|par exemple|ca serait|ca me va"),
    (Kind.ARTICLE, 0, "le"),
    (Kind.ANY, 0, "n importe quand|n importe quel jour|a n importe quelle heure|des que possible|"
        "le plus tot possible|"
        "au plus vite|bientot|peu importe|peu importe le jour|prochaine disponibilite|premier creneau|"
        "le premier creneau|premier creneau disponible|le premier creneau disponible|premier rendez vous disponible|"
        "le premier rendez vous disponible|premier disponible|prochain disponible|le prochain disponible|"
        "prochain creneau|ca m est egal|quand vous voulez|quand vous pouvez|quand vous avez de la place|"
        "le plus rapidement possible|tous les jours|rapidement|tout de suite"),
    (Kind.EACH, 0, "chaque|n importe quel|tous les"),
    (Kind.OFFSET, 0, "aujourd hui|aujourdhui|ce jour|maintenant"),
    (Kind.OFFSET, 1, "demain"),
    (Kind.OFFSET, 2, "apres demain"),
    (Kind.OFFSET, -1, "hier"),
    (Kind.OFFSET, -2, "avant hier"),
    (Kind.SPREAD, 2, 4, "dans quelques jours|d ici quelques jours"),
    (Kind.SPREAD, 0, 4, "les prochains jours|dans les prochains jours|ces jours ci"),
    (Kind.SHIFT, 7, "en huit|une semaine apres"),
    (Kind.SHIFT, 14, "en quinze"),
    (Kind.SHIFT, 1, "le lendemain de|lendemain de|le lendemain du|un jour apres|le jour apres"),
    (Kind.SHIFT, -1, "la veille de|veille de|la veille du|un jour avant|le jour avant"),
    *numbered(Kind.WEEKDAY, "lundi|lun, mardi, mercredi|mer, jeudi|jeu, vendredi|ven, samedi|sam, dimanche|dim",
        start=0),
    (Kind.EVERY, 0, 1, "lundis|les lundis"),
    (Kind.EVERY, 1, 2, "mardis|les mardis"),
    (Kind.EVERY, 2, 3, "mercredis|les mercredis"),
    (Kind.EVERY, 3, 4, "jeudis|les jeudis"),
    (Kind.EVERY, 4, 5, "vendredis|les vendredis"),
    (Kind.EVERY, 5, 6, "samedis|les samedis"),
    (Kind.EVERY, 6, 7, "dimanches|les dimanches"),
    (Kind.EVERY, 0, 5, "en semaine|jours ouvrables|les jours ouvrables|un jour de semaine|jour de semaine|"
        "jours de semaine|les jours de semaine"),
    (Kind.EVERY, 5, 7, "week ends|les week ends|weekends|les weekends"),
    (Kind.NEXT, 0, "prochain|prochaine|suivant"),
    (Kind.THIS, 0, "cet|cette"),
    (Kind.COMING, 0, "qui vient"),
    (Kind.WEEKS, 0, "cette semaine|le reste de la semaine|semaine"),
    (Kind.WEEKS, 1, "semaine prochaine|la semaine prochaine|prochaine semaine|semaine suivante|"
        "semaine qui vient|la semaine qui vient|d ici une semaine"),
    (Kind.WEEKS, 1, 1, "dans une semaine|dans huit jours"),
    (Kind.WEEKS, 2, "dans quinze jours|semaine d apres|dans une quinzaine"),
    (Kind.WEEKEND, 0, "week end|weekend|le week end|le weekend"),
    (Kind.WEEKEND, 0, 1, "ce week end|ce weekend"),
    (Kind.WEEKEND, 1, 2, "week end prochain|weekend prochain|prochain week end|prochain weekend|le week end prochain"),
    (Kind.MONTHS, 0, "ce mois|ce mois ci|mois|le mois"),
    (Kind.MONTHS, 1, "mois prochain|le mois prochain|prochain mois|mois qui vient|dans un mois"),
    (Kind.STRETCH, 0, "debut|en debut de|au debut de|au debut du|le debut de|debut de|au debut|en debut"),
    (Kind.STRETCH, 1, "mi|milieu de|au milieu de|au milieu du|courant|en milieu de"),
    (Kind.STRETCH, 2, "fin|en fin de|a la fin de|a la fin du|la fin de|la fin du|fin de|fin du|vers la fin de"),
    (Kind.WEEK_OF, 0, "semaine du|la semaine du"),
    (Kind.FINAL, 0, "dernier|derniere"),
    (Kind.WEEK_UNIT, 0, "semaines"),
    (Kind.DAY_UNIT, 0, "jours"),
    (Kind.DAY_UNIT, 1, "un jour"),
    (Kind.HOUR_UNIT, 1, "heures"),
    (Kind.MINUTE_UNIT, 0, "minutes"),
    (Kind.SOON, 30, "une demi heure"),
    *numbered(Kind.MONTH, "janvier|janv, fevrier|fevr|fev, mars, avril|avr, mai, juin, juillet|juil, aout, "
        "septembre|sept, octobre|oct, novembre|nov, decembre|dec"),
    *numbered(Kind.NUMBER, "une heure, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, treize, "
        "quatorze, quinze, seize, dix sept, dix huit, dix neuf, vingt, vingt et un, vingt deux, vingt trois, "
        "vingt quatre, vingt cinq, vingt six, vingt sept, vingt huit, vingt neuf, trente, trente et un"),
    (Kind.NUMBER, 40, "quarante"),
    (Kind.NUMBER, 45, "quarante cinq"),
    (Kind.NUMBER, 50, "cinquante"),
    *numbered(Kind.ORDINAL, "premier|premiere|1er, deuxieme|second|seconde, troisieme, quatrieme, cinquieme"),
    (Kind.MONTH_DAY, 1225, "noel"),
    (Kind.APPOINTMENT, 0, "mon rendez vous|mon rdv|mon prochain rendez vous|mon rendez vous actuel|celui que j ai|"
        "celui que j ai deja|mon creneau|le rendez vous que j ai"),
    (Kind.PART, *MORNING, "matin|matinee|le matin|matins|du matin|au matin|dans la matinee|en matinee|les matins|"
        "tot"),
    (Kind.PART, 0, 600, "tot le matin|en debut de matinee|debut de matinee|de bonne heure"),
    (Kind.PART, 600, 720, "en fin de matinee|fin de matinee"),
    (Kind.PART, *AFTERNOON, "apres midi|l apres midi|de l apres midi|apres midis|dans l apres midi"),
    (Kind.PART, 840, 960, "en milieu d apres midi|milieu d apres midi"),
    (Kind.PART, 900, 1080, "en fin d apres midi|fin d apres midi"),
    (Kind.PART, 720, 900, "en debut d apres midi|debut d apres midi"),
    (Kind.PART, 1020, 1140, "en debut de soiree|debut de soiree"),
    (Kind.PART, *EVENING, "soir|soiree|le soir|du soir|soirs|dans la soiree|en soiree|apres le travail"),
    (Kind.PART, *LUNCH, "a l heure du dejeuner|heure du dejeuner|pendant le dejeuner|entre midi et deux"),
    (Kind.PART, 780, 1440, "apres le dejeuner|apres dejeuner"),
    (Kind.OPENING, 0, "a la premiere heure|premiere heure|des l ouverture|a l ouverture|a la premiere heure du matin|"
        "des que vous ouvrez|quand vous ouvrez|en tout debut de journee|en debut de journee|debut de journee"),
    (Kind.CLOSING, 0, "juste avant la fermeture|avant la fermeture|en fin de journee|fin de journee|"
        "a la fin de la journee|avant que vous fermiez|en derniere heure"),
    (Kind.OCLOCK, 0, "h"),
    (Kind.NOON, 0, "midi"),
    (Kind.MIDNIGHT, 0, "minuit"),
    (Kind.ADD, 30, "et demie|et demi"),
    (Kind.ADD, 15, "et quart"),
    (Kind.ADD, -15, "moins le quart|moins quart"),
    (Kind.ADD, -5, "moins cinq"),
    (Kind.ADD, -10, "moins dix"),
    (Kind.ADD, -20, "moins vingt"),
    (Kind.ADD, -25, "moins vingt cinq"),
    (Kind.AT, 0, "a|vers|aux alentours de|autour de|aux environs de|sur les coups de"),
    (Kind.AFTER, 0, "apres|apres le|plus tard que|passe"),
    (Kind.FROM, 0, "a partir de|a partir du|a partir d|des|depuis|pas avant|pas avant le|au plus tot|"
        "au plus tot a|au plus tot le|a compter de|a compter du"),
    (Kind.BEFORE, 0, "avant|avant le|plus tot que"),
    (Kind.BY, 0, "jusqu a|jusqu au|jusque|au plus tard|au plus tard a|au plus tard le|d ici|d ici le|d ici a|"
        "pas apres"),
    (Kind.BETWEEN, 0, "entre|entre le"),
    (Kind.IN, 0, "dans|en"),
    (Kind.NOT, 0, "pas|ni|ni le|sauf|sauf le|sauf les|mais pas|mais pas le|pas le|pas les|excepte|excepte le|"
        "hormis|hormis le|a part|a part le|autre que|n importe quel jour sauf|n importe quel jour sauf le|"
        "n importe quand sauf|tous les jours sauf|tous les jours sauf le|je ne peux pas|je ne peux pas le|"
        "je peux pas|je peux pas le|surtout pas|surtout pas le|n importe quel jour mais pas|"
        "ne va pas|ca ne va pas|ne me va pas"),
    (Kind.BUT, 0, "mais"),
    (Kind.AND, 0, "et|et le"),
    (Kind.TO, 1, "au"),
    (Kind.OR, 0, "ou|ou le|soit|ou bien|ou alors"),
    (Kind.CORRECTION, 0, "non plutot|pardon|non pardon|je veux dire|enfin"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

SAME = {
    "ce matin": "aujourd hui matin",
    "cet apres midi": "aujourd hui apres midi",
    "cette apres midi": "aujourd hui apres midi",
    "ce midi": "aujourd hui a l heure du dejeuner",
    "ce soir": "aujourd hui soir",
    **{f"ce {day}": f"cet {day}" for day in _DAYS},
}
