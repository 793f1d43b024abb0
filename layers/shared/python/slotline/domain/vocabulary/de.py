"""German words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "bitte|ahm|aeh|ah|hm|vielleicht|gerne|gern|fur|fuer|einen|ein|eine|einer|einem|termin|termine|"
        "uhrzeit|ich|wir|mir|mich|mochte|moechte|wurde|hatte|haette|hatten|haben|habt|brauche|brauchen|sie|es|"
        "ware|waere|ginge|geht|passt|passt mir|passen|passen wurde|wurde passen|kann|konnte|konnen|was|frei|freien|"
        "freier|etwas|irgendwas|danke|zeit|des|der|die|das|ja|also|also gut|eventuell|am liebsten|liebsten|lieber|"
        "besser|von heute an|jahr|zur|spater|spaeter|genau|ungefahr|ca|zirka|an|nur|mal|dann|da|so|"
        "kommen|vorbeikommen|vereinbaren|buchen|machen|ist|sind|ob|gut|gunstig|am besten|hallo|ihnen|bei ihnen|"
        "irgendwann am|den ganzen tag|ganztags|wenn moglich|falls moglich|moglich|mit|schon|gleich|herum|rum|"
        "am selben tag wie|am gleichen tag wie|glaube|denke|sagen wir|wie ware es mit|wie waere es mit|wie ware|"
        "je"),
    (Kind.ARTICLE, 0, "am|den|dem|der|zum|vom"),
    (Kind.ANY, 0, "egal|egal wann|ganz egal|irgendwann|jederzeit|so bald wie moglich|so schnell wie moglich|"
        "sobald wie moglich|so fruh wie moglich|schnellstmoglich|moglichst bald|moglichst schnell|bald|"
        "baldmoglichst|nachstmoglich|nachster freier termin|der nachste freie termin|nachste freie termin|"
        "nachsten freien termin|den nachsten freien termin|der nachste freie|erster freier|der erste freie termin|"
        "den ersten freien termin|wann auch immer|wann es ihnen passt|wann sie wollen|wann es passt|sofort|"
        "ist mir egal|mir egal|ab jetzt|ab sofort|jeden tag|an jedem tag|fruhestmoglich|so bald es geht"),
    (Kind.EACH, 0, "jeden|jeder|jedem|irgendein|irgendeinen|an jedem"),
    (Kind.OFFSET, 0, "heute|jetzt|heute noch"),
    (Kind.MORROW, 0, "morgen"),
    (Kind.OFFSET, 2, "ubermorgen|uebermorgen"),
    (Kind.OFFSET, -1, "gestern"),
    (Kind.OFFSET, -2, "vorgestern"),
    (Kind.SPREAD, 2, 4, "in ein paar tagen|in einigen tagen|in paar tagen"),
    (Kind.SPREAD, 0, 4, "in den nachsten tagen|die nachsten tage|den nachsten tagen"),
    (Kind.SHIFT, 7, "eine woche nach|eine woche spater als"),
    (Kind.SHIFT, 1, "am tag nach|einen tag nach|tag nach|der tag nach"),
    (Kind.SHIFT, -1, "am tag vor|einen tag vor|tag vor|der tag vor"),
    *numbered(Kind.WEEKDAY, "montag|mo, dienstag|di, mittwoch|mi, donnerstag|do, freitag|fr, "
        "samstag|sa|sonnabend, sonntag|so", start=0),
    (Kind.EVERY, 0, 1, "montags"),
    (Kind.EVERY, 1, 2, "dienstags"),
    (Kind.EVERY, 2, 3, "mittwochs"),
    (Kind.EVERY, 3, 4, "donnerstags"),
    (Kind.EVERY, 4, 5, "freitags"),
    (Kind.EVERY, 5, 6, "samstags|sonnabends"),
    (Kind.EVERY, 6, 7, "sonntags"),
    (Kind.EVERY, 0, 5, "werktags|wochentags|unter der woche|an werktagen|an wochentagen|werktag|"
        "an einem werktag|an einem wochentag|wochentag"),
    (Kind.EVERY, 5, 7, "wochenenden|an wochenenden"),
    (Kind.NEXT, 0, "nachsten|nachster|nachste|nachstes|naechsten|naechste|naechster"),
    (Kind.THIS, 0, "diesen|dieser|dieses|diese|diesem"),
    (Kind.COMING, 0, "kommenden|kommender|kommende|kommendes"),
    (Kind.WEEKS, 0, "diese woche|dieser woche|die woche|der woche|diese woche noch|noch diese woche|"
        "der rest der woche|den rest der woche"),
    (Kind.WEEKS, 1, "nachste woche|nachster woche|naechste woche|naechster woche|kommende woche|kommender woche|"
        "nachsten woche|der nachsten woche|der kommenden woche|"
        "kommenden woche|heute in einer woche"),
    (Kind.WEEKS, 1, 1, "in einer woche|in 1 woche|in acht tagen"),
    (Kind.WEEKS, 2, "ubernachste woche|uebernaechste woche|ubernachster woche|in vierzehn tagen|in 14 tagen"),
    (Kind.WEEKEND, 0, "wochenende|am wochenende|das wochenende"),
    (Kind.WEEKEND, 0, 1, "dieses wochenende|diesem wochenende|kommendes wochenende|kommenden wochenende|"
        "am kommenden wochenende"),
    (Kind.WEEKEND, 1, 2, "nachstes wochenende|nachsten wochenende|naechstes wochenende"),
    (Kind.MONTHS, 0, "diesen monat|diesem monat|monat|monats|dieses monats|im monat|des monats|dieser monat"),
    (Kind.MONTHS, 1, "nachsten monat|nachster monat|kommenden monat|naechsten monat|nachsten monats|"
        "des nachsten monats|kommenden monats|in einem monat|im nachsten monat"),
    (Kind.STRETCH, 0, "anfang|zu beginn|beginn|am anfang|anfangs|zu anfang"),
    (Kind.STRETCH, 1, "mitte|in der mitte"),
    (Kind.STRETCH, 2, "ende|am ende|gegen ende|zum ende"),
    (Kind.EARLY, 0, "fruh|frueh"),
    (Kind.WEEK_OF, 0, "woche vom|woche ab dem|in der woche vom|der woche vom"),
    (Kind.FINAL, 0, "letzte|letzten|letzter"),
    (Kind.WEEK_UNIT, 0, "woche|wochen"),
    (Kind.DAY_UNIT, 0, "tagen|tage"),
    (Kind.DAY_UNIT, 1, "einem tag"),
    (Kind.HOUR_UNIT, 0, "stunde|stunden"),
    (Kind.MINUTE_UNIT, 0, "minuten|minute"),
    (Kind.SOON, 60, "einer stunde"),
    (Kind.SOON, 30, "einer halben stunde"),
    *numbered(Kind.MONTH, "januar|janner|jan, februar|feber|feb, marz|maerz|mrz, april|apr, mai, juni|juno|jun, "
        "juli|jul, august|aug, september|sep|sept, oktober|okt, november|nov, dezember|dez"),
    *numbered(Kind.NUMBER, "eins|ein uhr, zwei|zwo, drei, vier, funf|fuenf, sechs, sieben, acht, neun, zehn, elf, "
        "zwolf|zwoelf, dreizehn, vierzehn, funfzehn|fuenfzehn, sechzehn, siebzehn, achtzehn, neunzehn, zwanzig, "
        "einundzwanzig, zweiundzwanzig, dreiundzwanzig, vierundzwanzig, funfundzwanzig, sechsundzwanzig, "
        "siebenundzwanzig, achtundzwanzig, neunundzwanzig, dreissig, einunddreissig"),
    (Kind.NUMBER, 40, "vierzig"),
    (Kind.NUMBER, 45, "funfundvierzig"),
    (Kind.NUMBER, 50, "funfzig"),
    *numbered(Kind.ORDINAL, "ersten|erster|erste, zweiten|zweiter|zweite, dritten|dritter|dritte, "
        "vierten|vierter|vierte, funften|funfter|funfte|fuenften, sechsten|sechste, siebten|siebenten|siebte, "
        "achten|achte, neunten|neunte, zehnten|zehnte, "
        "elften, zwolften|zwoelften, dreizehnten, vierzehnten, funfzehnten, sechzehnten, siebzehnten, achtzehnten, "
        "neunzehnten, zwanzigsten, einundzwanzigsten, zweiundzwanzigsten, dreiundzwanzigsten, vierundzwanzigsten, "
        "funfundzwanzigsten, sechsundzwanzigsten, siebenundzwanzigsten, achtundzwanzigsten, neunundzwanzigsten, "
        "dreissigsten, einunddreissigsten"),
    (Kind.MONTH_DAY, 1224, "heiligabend"),
    (Kind.MONTH_DAY, 1231, "silvester"),
    (Kind.APPOINTMENT, 0, "mein termin|meinem termin|meinen termin|meines termins|mein jetziger termin|"
        "meinem jetzigen termin|mein nachster termin|meinem nachsten termin|meinem bestehenden termin|"
        "mein bestehender termin|meinem aktuellen termin|den ich habe|der den ich habe"),
    (Kind.PART, *MORNING, "morgens|vormittag|vormittags|am vormittag|am morgen|in der fruh|in der fruhe"),
    (Kind.PART, 0, 600, "am fruhen morgen|fruhmorgens|am fruhen vormittag|ganz fruh"),
    (Kind.PART, 600, 720, "am spaten vormittag|spater vormittag"),
    (Kind.PART, *AFTERNOON, "nachmittag|nachmittags|am nachmittag"),
    (Kind.PART, 720, 900, "am fruhen nachmittag|fruher nachmittag|fruhen nachmittag"),
    (Kind.PART, 900, 1080, "am spaten nachmittag|spater nachmittag|spaten nachmittag"),
    (Kind.PART, 1020, 1140, "am fruhen abend|fruhen abend"),
    (Kind.PART, *EVENING, "abend|abends|am abend|nachts|nach der arbeit|nach feierabend"),
    (Kind.PART, *LUNCH, "mittag|mittags|am mittag|uber mittag|mittagszeit|in der mittagspause|zu mittag"),
    (Kind.PART, 780, 1440, "nach dem mittagessen|nach der mittagspause|nach mittag"),
    (Kind.OPENING, 0, "als erstes|als erster|gleich als erstes|ganz als erstes|wenn sie offnen|wenn sie aufmachen|"
        "sobald sie offnen|sobald sie aufmachen|gleich wenn sie offnen|gleich nach ladenoffnung|bei ladenoffnung|"
        "der erste termin des tages|gleich in der fruh|gleich fruh"),
    (Kind.CLOSING, 0, "als letztes|als letzter|kurz vor ladenschluss|vor ladenschluss|kurz vor schluss|"
        "bevor sie schliessen|kurz bevor sie schliessen|bevor sie zumachen|kurz vor feierabend|am ende des tages|"
        "der letzte termin des tages"),
    (Kind.OCLOCK, 0, "uhr|h"),
    (Kind.MIDNIGHT, 0, "mitternacht"),
    (Kind.PAST, -30, "halb"),
    (Kind.PAST, 15, "viertel nach"),
    (Kind.PAST, -15, "viertel vor|dreiviertel|drei viertel"),
    (Kind.AT, 0, "um|gegen|so gegen|ungefahr um|circa|so um|etwa um|ungefahr gegen"),
    (Kind.AFTER, 0, "nach|spater als|spaeter als|spater als um"),
    (Kind.FROM, 0, "ab|von|fruhestens|fruhestens um|fruhestens ab|nicht vor|nicht fruher als|"
        "nicht vor dem|"
        "nicht fruher als um|erst ab|erst"),
    (Kind.BEFORE, 0, "vor|fruher als|eher als"),
    (Kind.BY, 0, "bis|spatestens|spatestens um|spatestens am|nicht nach|nicht spater als|bis um|"
        "bis spatestens|"
        "bis einschliesslich|bis zu"),
    (Kind.BETWEEN, 0, "zwischen"),
    (Kind.WITHIN, 0, "innerhalb von|binnen"),
    (Kind.IN, 0, "in|im"),
    (Kind.NOT, 0, "nicht|weder|nur nicht|aber nicht|bloss nicht|ausser|ausser am|kein|keinen|keine|aber kein|"
        "aber keinen|aber nicht am|nur nicht am|nicht am|nicht an einem|kann nicht|kann ich nicht|geht nicht|"
        "geht es nicht|passt nicht|passt mir nicht|jeden tag ausser|jeden tag ausser am|alles ausser|"
        "jeder tag ausser|egal wann ausser|egal wann nur nicht|egal wann nur nicht am|ohne"),
    (Kind.BUT, 0, "aber"),
    (Kind.AND, 0, "und"),
    (Kind.OR, 0, "oder|noch|oder am|entweder|oder aber"),
    (Kind.CORRECTION, 0, "nein doch|nein warten sie|ich meine|nein ich meine|beziehungsweise|halt nein|quatsch"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_PARTS = {
    "morgen": "vormittag",
    "fruh": "vormittag",
    "vormittag": "vormittag",
    "mittag": "mittag",
    "nachmittag": "nachmittag",
    "abend": "abend",
}

SAME = {
    "heute morgen": "heute vormittag",
    "heute fruh": "heute vormittag",
    "morgen fruh": "morgen vormittag",
    "morgen frueh": "morgen vormittag",
    **{f"{day}{part}": f"{day} {meaning}" for day in _DAYS for part, meaning in _PARTS.items()},
    **{f"{day}{part}s": f"{day}s {meaning}" for day in _DAYS for part, meaning in _PARTS.items() if part != "fruh"},
}
