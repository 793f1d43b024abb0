"""German words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "bitte|ahm|aeh|ah|hm|vielleicht|gerne|gern|in|im|fur|fuer|einen|ein|eine|einer|termin|"
        "termine|uhrzeit|"
        "ich|mochte|moechte|hatte|haette|brauche|es|ware|waere|ginge|geht|was|frei|irgendwas|danke|zeit|des|der|die|"
        "das|ja|also|also gut|eventuell|am liebsten|liebsten|von heute an|ab jetzt|jahr|zur|zum|spater|spaeter|"
        "fruhestens|"
        "genau|ungefahr|ca|zirka|an"),
    (Kind.ARTICLE, 0, "am|den|dem|der|zum"),
    (Kind.ANY, 0, "egal|egal wann|irgendwann|jederzeit|so bald wie moglich|so schnell wie moglich|sobald wie moglich|"
        "schnellstmoglich|moglichst bald|bald|baldmoglichst|nachstmoglich|nachster freier termin|"
        "nachsten freien termin|der nachste freie|erster freier|wann auch immer"),
    (Kind.OFFSET, 0, "heute"),
    (Kind.MORROW, 0, "morgen"),
    (Kind.OFFSET, 2, "ubermorgen|uebermorgen"),
    (Kind.OFFSET, -1, "gestern"),
    *numbered(Kind.WEEKDAY, "montag|mo|montags, dienstag|di|dienstags, mittwoch|mi|mittwochs, donnerstag|do|"
        "donnerstags, "
        "freitag|fr|freitags, samstag|sa|samstags|sonnabend, sonntag|so|sonntags", start=0),
    (Kind.NEXT, 0, "nachsten|nachster|nachste|nachstes|naechsten|naechste|naechster"),
    (Kind.THIS, 0, "diesen|dieser|dieses|diese"),
    (Kind.COMING, 0, "kommenden|kommender|kommende|kommendes"),
    (Kind.WEEKS, 0, "diese woche|dieser woche|die woche"),
    (Kind.WEEKS, 1, "nachste woche|nachster woche|naechste woche|naechster woche|kommende woche|kommender woche|"
        "in einer woche|nachsten woche|in 1 woche|in acht tagen"),
    (Kind.WEEKS, 2, "ubernachste woche|uebernaechste woche|ubernachster woche|in vierzehn tagen"),
    (Kind.WEEKEND, 0, "wochenende|dieses wochenende|diesem wochenende|kommendes wochenende|"
        "kommenden wochenende"),
    (Kind.WEEKEND, 1, "nachstes wochenende|nachsten wochenende|naechstes wochenende"),
    (Kind.MONTHS, 0, "diesen monat|diesem monat"),
    (Kind.MONTHS, 1, "nachsten monat|nachster monat|kommenden monat|naechsten monat"),
    (Kind.WEEK_UNIT, 0, "woche|wochen"),
    (Kind.DAY_UNIT, 0, "tagen|tage"),
    (Kind.DAY_UNIT, 1, "einem tag"),
    *numbered(Kind.MONTH, "januar|janner|jan, februar|feber|feb, marz|maerz|mrz, april|apr, mai, juni|juno|jun, "
        "juli|jul, "
        "august|aug, september|sep|sept, oktober|okt, november|nov, dezember|dez"),
    *numbered(Kind.NUMBER, "eins|ein uhr, zwei|zwo, drei, vier, funf|fuenf, sechs, sieben, acht, neun, zehn, elf, "
        "zwolf|zwoelf, dreizehn, vierzehn, funfzehn|fuenfzehn, sechzehn, siebzehn, achtzehn, neunzehn, zwanzig, "
        "einundzwanzig, zweiundzwanzig, dreiundzwanzig, vierundzwanzig, funfundzwanzig, sechsundzwanzig, "
        "siebenundzwanzig, achtundzwanzig, neunundzwanzig, dreissig, einunddreissig"),
    *numbered(Kind.ORDINAL, "ersten|erster, zweiten, dritten, vierten, funften, sechsten, siebten, achten, "
        "neunten, zehnten, "
        "elften, zwolften, dreizehnten, vierzehnten, funfzehnten, sechzehnten, siebzehnten, achtzehnten, "
        "neunzehnten, "
        "zwanzigsten, einundzwanzigsten, zweiundzwanzigsten, dreiundzwanzigsten, vierundzwanzigsten, "
        "funfundzwanzigsten, sechsundzwanzigsten, siebenundzwanzigsten, achtundzwanzigsten, neunundzwanzigsten, "
        "dreissigsten, einunddreissigsten"),
    (Kind.PART, *MORNING, "morgens|vormittag|vormittags|am vormittag|am morgen|fruh|frueh|in der fruh|"
        "am fruhen morgen"),
    (Kind.PART, *AFTERNOON, "nachmittag|nachmittags|am nachmittag"),
    (Kind.PART, 900, 1080, "am spaten nachmittag|spater nachmittag"),
    (Kind.PART, *EVENING, "abend|abends|am abend|nachts"),
    (Kind.PART, *LUNCH, "mittag|mittags|am mittag|uber mittag|mittagszeit"),
    (Kind.OCLOCK, 0, "uhr|h"),
    (Kind.MIDNIGHT, 0, "mitternacht"),
    (Kind.PAST, -30, "halb"),
    (Kind.PAST, 15, "viertel nach"),
    (Kind.PAST, -15, "viertel vor|dreiviertel"),
    (Kind.AT, 0, "um|gegen|so gegen|ungefahr um|circa"),
    (Kind.AFTER, 0, "nach|spater als|spaeter als|nicht vor"),
    (Kind.FROM, 0, "ab|von|fruhestens um"),
    (Kind.BEFORE, 0, "vor|fruher als"),
    (Kind.BY, 0, "bis|spatestens|nicht nach|bis um|bis zum"),
    (Kind.BETWEEN, 0, "zwischen"),
    (Kind.AND, 0, "und"),
    (Kind.OR, 0, "oder"),
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
    "morgen fruh": "morgen vormittag",
    "morgen frueh": "morgen vormittag",
    **{f"{day}{part}": f"{day} {meaning}" for day in _DAYS for part, meaning in _PARTS.items()},
}
