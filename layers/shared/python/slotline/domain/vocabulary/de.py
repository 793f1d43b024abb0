"""German words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Denial, Kind, Row, numbered

# A month is counted, too, as in "am zwölften zehnten".
_DAYS_OF_MONTH: tuple[Row, ...] = tuple(
    (
        kind,
        day,
        1,
        "|".join(f"{word.removesuffix('n')}|{word.removesuffix('n')}r|{word}" for word in str(words).split("|")),
    )
    for kind, day, *_, words in numbered(
        Kind.ORDINAL,
        "ersten|erster|erste, zweiten|zweiter|zweite, dritten|dritter|dritte, "
        "vierten|vierter|vierte, funften|funfter|funfte|fuenften, sechsten|sechste, siebten|siebenten|siebte, "
        "achten|achte, neunten|neunte, zehnten|zehnte, "
        "elften, zwolften|zwoelften, dreizehnten, vierzehnten, funfzehnten, sechzehnten, siebzehnten, achtzehnten, "
        "neunzehnten, zwanzigsten, einundzwanzigsten, zweiundzwanzigsten, dreiundzwanzigsten, vierundzwanzigsten, "
        "funfundzwanzigsten, sechsundzwanzigsten, siebenundzwanzigsten, achtundzwanzigsten, neunundzwanzigsten, "
        "dreissigsten, einunddreissigsten",
    )
)

_SOONEST = "|".join(
    f"{the}{first}{ending} {place}"
    for the in ("", "der ", "den ", "einen ", "zum ")
    for first in ("fruhest", "fruhestmoglich", "nachst", "nachstmoglich", "schnellstmoglich")
    for ending in ("e", "en", "er")
    for place in ("termin", "freie termin", "freien termin", "freier termin", "zeitpunkt")
)

ARTICLES = frozenset({"am", "dem", "zum", "vom"})

ROWS: tuple[Row, ...] = (
    (Kind.ANY, 0, _SOONEST),
    (Kind.FILLER, 0, "bitte|ahm|aeh|ah|hm|vielleicht|gerne|gern|fur|fuer|einen|ein|eine|einer|einem|termin|termine|"
        "uhrzeit|ich|wir|mir|mich|mochte|moechte|wurde|hatte|haette|hatten|haben|habt|brauche|brauchen|sie|es|ware|"
        "waere|ginge|geht|passt|passt mir|passen|passen wurde|wurde passen|kann|konnte|konnen|was|frei|freien|freier|"
        "etwas|irgendwas|danke|zeit|des|der|die|das|ja|also|also gut|eventuell|am liebsten|liebsten|lieber|besser|"
        "von heute an|jahr|zur|spater|spaeter|genau|ungefahr|ca|zirka|an|nur|mal|dann|da|so|kommen|vorbeikommen|"
        "vereinbaren|buchen|machen|ist|sind|ob|gut|gunstig|am besten|hallo|ihnen|bei ihnen|irgendwann am|"
        "den ganzen tag|ganztags|wenn moglich|falls moglich|moglich|mit|schon|gleich|am selben tag wie|"
        "am gleichen tag wie|glaube|denke|sagen wir|wie ware es mit|wie waere es mit|wie ware|je|kommt|kame|vorbeikame|"
        "welche tage|welcher tag|welche termine|welche zeiten|wir hatten|uns ware|uns passt|kurz|funktioniert nicht|"
        "funktioniert nicht mehr|geht nicht mehr|springt nicht an|springt nicht mehr an|lauft nicht|lauft nicht mehr|"
        "heizt nicht|heizt nicht mehr|kuhlt nicht|ist kaputt|kaputt|ist ausgefallen|anschauen|ansehen|angucken|hilfe|"
        "helfen|reparieren lassen|machen lassen|schneiden lassen|vorbeikommt|neu|neue|neuer|patient|patientin|kunde|"
        "kundin|irgendwie|drankommen|rucken|knie|schulter|nacken|und zwar am|hauptsache|solange es|solange|dir|ihm|uns|"
        "euch|alles|viel|mehr|bereits|bisher|tatsachlich|naturlich|selbstverstandlich|sicher|bestimmt|kommen konnte|"
        "vorbei schicken|schaffen|schaffe|schaff|schaffen wir|klappt|klappen|klappt das|wurde klappen|das klappt|"
        "klappt es|in ordnung|okay fur mich|fur mich|fur uns|bei mir|bei uns|von mir aus|meinetwegen|herr|frau|"
        "gut passen|gut ware|schon ware|super ware|toll ware|perfekt|das ware|das ware gut|das ware super|"
        "das ware toll|das ware schon|das ware perfekt|das ginge|das geht|das passt|das passt gut|das passt mir|"
        "ist okay|ist ok|ist in ordnung|ist perfekt|ist ideal|ware okay|ware ok|ware in ordnung|am passendsten|"
        "wenn sie konnen|wenn sie da sind|wenn sie offen haben|wenn sie geoffnet haben|wenn sie platz haben|"
        "wenn noch platz ist|wenn da noch was frei ist|wenn da was frei ist|falls sie da offen haben|"
        "wenn es ihnen passt|wenn s ihnen passt|wenn es ihnen recht ist|wenn s recht ist|falls moglich ist|ach|oh|tja|"
        "na|naja|na ja|nun|nun ja|okay|ok|klar|prima|super|toll|wunderbar|doch|eben|halt|eigentlich|einfach|wirklich|"
        "sehr|ganz|recht|wohl|meine|meinen|mein|meiner|unser|unsere|ihr|ihre|ihren|guten tag|guten morgen|guten abend|"
        "gruss gott|moin|servus|entschuldigung ich|und zwar|wenn|wann|wo|wer|wie|wenn s geht|wenn es geht|wenns geht|"
        "wenn das geht|wenn es passt|wenn s passt|wenn das passt|falls das geht|falls es geht|falls noch was frei ist|"
        "falls sie offen haben|falls sie geoffnet haben|falls sie auf haben|wenn sie auf haben|falls es einen gibt|"
        "wenn es einen gibt|wenn sie was frei haben|wenn sie etwas frei haben|wenn sie da was haben|"
        "wenn sie da was frei haben|wenn noch was frei ist|wenn s keine umstande macht|sofern moglich|nach moglichkeit|"
        "gegebenenfalls|moglicherweise|wurden|wuerde|wollte|wollten|will|wollen|soll|sollte|dachte|dachte an|"
        "ich dachte|denk|denken|glaub|meinte|mein ich|schatze|hoffe|hoffentlich|habe|hab|hattest|haettet|hatt|gabe|"
        "gabe es|gibt|gibt s|gibt es|gab|wird|werde|werden|sein|bin|bist|darf|durfte|konnt|konnten|konnen wir|mochten|"
        "mochte ich|brauchte|brauchen wir|suche|suchen|wunsche|wunschen|frage|fragen|wollte fragen|hallo ich|ausmachen|"
        "abmachen|kriegen|bekommen|bekomme|krieg|geben|nehmen|nehme|nehm|nehmen wir|machen wir|mach|schauen|gucken|"
        "eintragen|einschieben|dazwischenschieben|dranehmen|drannehmen|unterbringen|reinkommen|rein|hin|her|vorbei|"
        "vorbeischauen|schicken|jemanden|jemand|bringen|vorbeibringen|abgeben|reinschieben|verschieben auf|"
        "verlegen auf|zeitlich|freie|freies|frei ist|freie termine|freien termin|freier termin|slot|platz|lucke|"
        "terminlich|wie sieht s|wie siehts|wie schaut s|wie schauts|wie sieht es|wie war s mit|wie war s am|"
        "wie ware s mit|wie ware s am|wie war es mit|sieht|aus|wie steht s mit|moglichkeit|verfugbar|verfugbarkeit|"
        "termine frei|tag|tage frei|welche|welcher|welchen|noch was frei|noch was|noch etwas|noch frei|was frei|"
        "was freies|irgendwas frei|irgendwo|vorzugsweise|bevorzugt|ideal|idealerweise|optimal|perfekt ware|"
        "am gunstigsten|am einfachsten|optimalerweise|am ehesten|eher|gerade|auf|aufs|bei|im|wegen|uber|zu|"
        "zum beispiel|beispielsweise|dass|dort|hier|denn|mal so|so was|oder so was|ungefahr so|immer|meistens|"
        "normalerweise|grundsatzlich|generell|komplett|flexibel bin|passend|passende|bin ich frei|habe ich frei|"
        "hab ich frei|habe ich zeit|hab ich zeit|hatte ich zeit|bin ich da|ware gut|ware toll|ware super|ware schon|"
        "ware perfekt|ware ideal|ware am besten|wurde gehen|wurd passen|wurde mir passen|wurde gut passen|passt gut|"
        "passt mir gut|passt am besten|passt mir am besten|ist gut|ist super|ist am besten|klingt gut|hort sich gut an|"
        "kein problem|keine eile|zahnreinigung|reinigung|kontrolle|kontrolltermin|vorsorge|untersuchung|fullung|krone|"
        "zahn|zahne|zahnarzt|zahnschmerzen|schmerzen|weh|tut|arzt|doktor|hausarzt|haarschnitt|haare|haareschneiden|"
        "schneiden|farben|strahnen|fohnen|bart|friseur|manikure|pedikure|massage|auto|wagen|olwechsel|reifenwechsel|"
        "reifen|bremsen|inspektion|tuv|hu|werkstatt|reparatur|reparieren|installateur|klempner|rohr|heizung|wasserhahn|"
        "abfluss|kostenvoranschlag|beratung|besprechung|besichtigung|behandlung|sitzung|sohn|tochter|kind|kinder|mann|"
        "mutter|vater|hund|katze|notfall|es ist ein notfall|ist dringend|es ist dringend|beides geht|beides passt|"
        "beides|egal welcher|welcher ist egal|eins von beiden"),
    # A request: words before it that nobody knows told why.
    (Kind.FILLER, 1, "brauchte|brauchte ich|ich brauchte|wurde ich gern|bitte|brauche|brauchen|mochte|moechte|"
        "mochten|hatte gern|hatte gerne|hatten sie|haetten sie|haben sie|konnen sie|konnten sie|konnte ich|"
        "kann ich|ginge|geht es|gibt es|gabe es|suche|wollte|wollte fragen|konnte jemand|kann jemand|wurde gern|"
        "wurde gerne|ich hatte|am liebsten|am besten"),
    (Kind.FILLER, 3, "ist|sind|war|der|die|das|des|ein|eine|einen|einer|einem|mit|an|bei|es|auf|so"),
    (Kind.FILLER, 2, "fur|fuer|wegen|zur|denn|um zu"),
    (Kind.FILLER, 4, "weil"),
    # Somebody's work or absence: when they are free cannot be told from it.
    (Kind.UNKNOWN, 0, "ich war|absagen|stornieren|verschieben|verlegen|seit|geburtstag|arbeite|arbeite ich|"
        "arbeitet|muss|ich muss|muss ich|zu fruh|zu spat|habe schon|hab schon|weiss nicht|weiss nicht ob|davon|"
        "von denen"),
    (Kind.ONWARD, 0, "oder spater|oder danach|oder nachher|aufwarts|und spater|oder auch spater|"
        "oder etwas spater|und danach"),
    (Kind.ONWARD, 1, "oder fruher|oder davor|oder eher|oder vorher"),
    (Kind.ALSO, 0, "auch|geht auch|ginge auch|passt auch|wurde auch gehen|wurde auch passen|ware auch gut|"
        "ist auch gut|ware auch moglich|ist auch okay|ware auch okay|ebenfalls|ebenso"),
    (Kind.ADD, 0, "rum|herum|oder so|oder so um den dreh|um den dreh"),
    (Kind.COUNTED, 0, "personen|leute|erwachsene|kinder|jahre|jahre alt"),
    (Kind.MONTH_UNIT, 0, "monaten|monate"),
    (Kind.WEEKS_ON, 1, "die woche danach|die woche drauf|die woche darauf|die darauf|die darauffolgende|"
        "die darauffolgende woche|in der woche danach|in der woche darauf|die danach"),
    (Kind.SAME_DAY, 0, "am selben tag|am gleichen tag"),
    (Kind.ARTICLE, 0, "am|den|dem|der|zum|vom"),
    (Kind.ANY, 0, "das erste was sie|das fruheste was sie|das nachste was sie|das erste was|der erste den sie|"
        "das erstbeste|der fruheste termin den sie haben|den fruhesten termin den sie haben|den ersten freien|"
        "den ersten termin|der erste termin|den ersten den sie haben|den nachsten freien|was als nachstes frei ist|"
        "was sie als nachstes frei haben|je fruher desto besser|je eher desto besser|je schneller desto besser|"
        "so fruh es geht|so schnell es geht|so schnell s geht|so bald s geht|so fruh wie es geht|"
        "so zeitnah wie moglich|zeitnah|moglichst zeitnah|moglichst fruh|schnell|auf die schnelle|dringend|umgehend|"
        "unverzuglich|asap|jeder tag|jeder tag ist recht|jeder termin|an jedem tag|mir ist jeder tag recht|"
        "mir ist jeder tag gleich|ist mir gleich|mir gleich|ist mir alles recht|alles recht|spielt keine rolle|"
        "ganz gleich wann|gleich wann|wann immer sie konnen|wann immer es geht|wann immer es passt|"
        "wann immer sie zeit haben|wann sie konnen|wann sie zeit haben|wann was frei ist|wenn was frei ist|flexibel|"
        "ich bin flexibel|bin flexibel|bin da flexibel|keine praferenz|egal welcher tag|welcher tag ist egal|"
        "zu jeder zeit|zu jeder uhrzeit|egal um wie viel uhr|egal|egal wann|ganz egal|irgendwann|jederzeit|"
        "so bald wie moglich|so schnell wie moglich|sobald wie moglich|so fruh wie moglich|schnellstmoglich|"
        "moglichst bald|moglichst schnell|bald|baldmoglichst|nachstmoglich|der nachste freie|erster freier|"
        "der erste freie termin|den ersten freien termin|wann auch immer|wann es ihnen passt|wann sie wollen|"
        "wann es passt|sofort|ist mir egal|mir egal|ab jetzt|ab sofort|jeden tag|fruhestmoglich|so bald es geht"),
    (Kind.EACH, 0, "jeden|jeder|jedem|irgendein|irgendeinen|an jedem"),
    (Kind.OFFSET, 0, "heute|jetzt|heute noch"),
    (Kind.MORROW, 0, "morgen"),
    (Kind.OFFSET, 2, "ubermorgen|uebermorgen"),
    (Kind.OFFSET, -1, "gestern"),
    (Kind.OFFSET, -2, "vorgestern"),
    (Kind.SPREAD, 1, 2, "in ein bis zwei tagen|in ein zwei tagen|in ein oder zwei tagen"),
    (Kind.SPREAD, 2, 3, "in zwei bis drei tagen|in zwei drei tagen|in zwei oder drei tagen"),
    (Kind.OFFSET, 7, "heute in acht tagen|heute in einer woche"),
    (Kind.OFFSET, 14, "heute in vierzehn tagen|heute in 14 tagen|heute in zwei wochen"),
    (Kind.SPREAD, 2, 4, "in ein paar tagen|in einigen tagen|in paar tagen"),
    (Kind.SPREAD, 0, 4, "in den nachsten tagen|die nachsten tage|den nachsten tagen"),
    (Kind.SHIFT, 7, "eine woche nach|eine woche spater als"),
    (Kind.SHIFT, 1, "am tag nach|einen tag nach|tag nach|der tag nach"),
    (Kind.SHIFT, -1, "am tag vor|einen tag vor|tag vor|der tag vor"),
    *numbered(Kind.WEEKDAY, "montag|mo, dienstag|di, mittwoch|mi, donnerstag|do, freitag|fr, "
        "samstag|sa|sonnabend, sonntag", start=0),
    (Kind.EVERY, 0, 1, "montags|ein montag|an einem montag|einen montag|irgendein montag|irgendeinen montag"),
    (Kind.EVERY, 1, 2, "dienstags|ein dienstag|an einem dienstag|einen dienstag|irgendein dienstag|"
        "irgendeinen dienstag"),
    (Kind.EVERY, 2, 3, "mittwochs|ein mittwoch|an einem mittwoch|einen mittwoch|irgendein mittwoch|"
        "irgendeinen mittwoch"),
    (Kind.EVERY, 3, 4, "donnerstags|ein donnerstag|an einem donnerstag|einen donnerstag|irgendein donnerstag|"
        "irgendeinen donnerstag"),
    (Kind.EVERY, 4, 5, "freitags|ein freitag|an einem freitag|einen freitag|irgendein freitag|"
        "irgendeinen freitag"),
    (Kind.EVERY, 5, 6, "samstags|sonnabends|ein samstag|an einem samstag|einen samstag"),
    (Kind.EVERY, 6, 7, "sonntags"),
    (Kind.EVERY, 0, 5, "werktags|wochentags|unter der woche|an werktagen|an wochentagen|werktag|an einem werktag|"
        "an einem wochentag|wochentag"),
    (Kind.EVERY, 5, 7, "wochenenden|an wochenenden"),
    (Kind.NEXT, 0, "nachsten|nachster|nachste|nachstes|naechsten|naechste|naechster"),
    (Kind.THIS, 0, "diesen|dieser|dieses|diese|diesem"),
    (Kind.COMING, 0, "kommenden|kommender|kommende|kommendes"),
    (Kind.WEEKS, 0, "diese woche|dieser woche|die woche|der woche|diese woche noch|noch diese woche|"
        "der rest der woche|den rest der woche"),
    (Kind.WEEKS, 1, "nachste woche|nachster woche|naechste woche|naechster woche|kommende woche|kommender woche|"
        "nachsten woche|der nachsten woche|der kommenden woche|kommenden woche|die kommende woche|"
        "die nachste woche"),
    (Kind.WEEKS, 1, 1, "in einer woche|in 1 woche|in acht tagen|in ungefahr einer woche|in etwa einer woche|"
        "in circa einer woche"),
    (Kind.WEEKS, 2, "ubernachste woche|uebernaechste woche|ubernachster woche|in vierzehn tagen|in 14 tagen|"
        "ubernachsten woche|in der ubernachsten woche|die ubernachste woche"),
    (Kind.WEEKEND, 0, "wochenende|am wochenende|das wochenende"),
    (Kind.WEEKEND, 0, 1, "dieses wochenende|diesem wochenende|kommendes wochenende|kommenden wochenende|"
        "am kommenden wochenende"),
    (Kind.WEEKEND, 1, 2, "nachstes wochenende|nachsten wochenende|naechstes wochenende"),
    (Kind.MONTHS, 0, "diesen monat|diesem monat|dieses monats|dieser monat|noch diesen monat|diesen monat noch"),
    (Kind.MONTHS, 0, 1, "monat|monats|im monat|des monats"),
    (Kind.MONTHS, 2, "ubernachsten monat|ubernachster monat|im ubernachsten monat"),
    (Kind.MONTHS, 1, "nachsten monat|nachster monat|kommenden monat|naechsten monat|nachsten monats|"
        "des nachsten monats|kommenden monats|in einem monat|im nachsten monat"),
    (Kind.STRETCH, 0, "anfang|anfang der|zu beginn der|am anfang der|gleich anfang|gleich zu beginn|zu beginn|"
        "beginn|am anfang|anfangs|zu anfang"),
    (Kind.STRETCH, 1, "mitte|in der mitte|mitte der|in der mitte der|so mitte"),
    (Kind.STRETCH, 2, "ende|am ende|gegen ende|zum ende|ende der|zum ende der|gegen ende der|das ende der|"
        "am ende der|zum ende des"),
    (Kind.EARLY, 0, "fruh|frueh"),
    (Kind.WEEK_OF, 0, "woche vom|woche ab dem|in der woche ab dem|der woche ab dem|woche ab|in der woche um den|"
        "woche um den|in der woche vom|der woche vom"),
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
    *_DAYS_OF_MONTH,
    (Kind.MONTH_DAY, 1224, "heiligabend"),
    (Kind.MONTH_DAY, 1231, "silvester"),
    (Kind.APPOINTMENT, 0, "mein termin|meinem termin|meinen termin|meines termins|mein jetziger termin|"
        "meinem jetzigen termin|mein nachster termin|mein aktueller termin|mein gebuchter termin|"
        "meinem gebuchten termin|meinem termin den ich habe|den termin den ich habe|dem termin den ich habe|"
        "der termin den ich habe|meinem nachsten termin|meinem bestehenden termin|mein bestehender termin|"
        "meinem aktuellen termin|den ich habe|der den ich habe"),
    (Kind.PART, *MORNING, "vor dem mittagessen|vor mittag|noch vor mittag|vor der mittagspause|morgens|vormittag|"
        "vormittags|am vormittag|am morgen|in der fruh|in der fruhe"),
    (Kind.PART, 0, 600, "fruh am morgen|ganz fruh am morgen|fruh morgens|sehr fruh|in aller fruhe|"
        "am fruhen morgen|fruhmorgens|am fruhen vormittag|ganz fruh"),
    (Kind.PART, 600, 720, "am spaten vormittag|spater vormittag|spaten vormittag|am spateren vormittag"),
    (Kind.PART, *AFTERNOON, "nachmittag|nachmittags|am nachmittag"),
    (Kind.PART, 720, 900, "am fruhen nachmittag|fruher nachmittag|fruhen nachmittag"),
    (Kind.PART, 900, 1080, "am spateren nachmittag|spateren nachmittag|am spaten nachmittag|spater nachmittag|"
        "spaten nachmittag"),
    (Kind.PART, 1020, 1140, "am fruhen abend|fruhen abend"),
    (Kind.PART, *EVENING, "abend|abends|am abend|nachts|nach der arbeit|nach feierabend|nach dienstschluss|"
        "nach meiner arbeit|wenn ich feierabend habe"),
    (Kind.PART, *LUNCH, "mittag|mittags|am mittag|uber mittag|mittagszeit|in der mittagspause|zu mittag|"
        "in meiner mittagspause|um die mittagszeit|zur mittagszeit|mittagspause"),
    (Kind.PART, 780, 1440, "nach dem mittagessen|nach dem mittag|gleich nach dem mittagessen|nach dem essen|"
        "nach der mittagspause|nach mittag"),
    (Kind.OPENING, 0, "als erstes|als erster|gleich als erstes|ganz als erstes|wenn sie offnen|"
        "wenn sie aufmachen|sobald sie offnen|sobald sie aufmachen|gleich wenn sie offnen|gleich nach ladenoffnung|"
        "bei ladenoffnung|der erste termin des tages|den ersten termin des tages|der erste termin am morgen|"
        "zur offnung|wenn sie aufsperren|gleich zu beginn des tages|gleich wenn sie aufmachen|"
        "direkt wenn sie offnen|gleich in der fruh|gleich fruh"),
    (Kind.CLOSING, 0, "als letztes|als letzter|kurz vor ladenschluss|vor ladenschluss|kurz vor schluss|"
        "bevor sie schliessen|kurz bevor sie schliessen|bevor sie zumachen|kurz vor feierabend|am ende des tages|"
        "der letzte termin des tages|den letzten termin des tages|der letzte termin|den letzten termin|"
        "letzter termin|zum ende des tages|gegen ende des tages|bevor sie schluss machen|kurz bevor sie zumachen"),
    (Kind.OCLOCK, 0, "uhr|h"),
    (Kind.MIDNIGHT, 0, "mitternacht"),
    (Kind.PAST, -30, "halb"),
    (Kind.PAST, 15, "viertel nach"),
    (Kind.PAST, -45, "viertel"),
    (Kind.PAST, -15, "viertel vor|dreiviertel|drei viertel"),
    (Kind.AT, 0, "so etwa um|so ungefahr um|so circa um|circa um|um circa|um etwa|um ungefahr|rund um|punkt|"
        "um punkt|um|gegen|so gegen|ungefahr um|circa|so um|etwa um|ungefahr gegen"),
    (Kind.AFTER, 0, "kurz nach|gleich nach|direkt nach|erst nach|ich habe feierabend um|feierabend um|"
        "irgendwann nach|jederzeit nach|nach|spater als|spaeter als|spater als um"),
    (Kind.FROM, 0, "ab|von|fruhestens|fruhestens um|fruhestens ab|nicht vor|nicht fruher als|nicht vor dem|"
        "nicht fruher als um|erst ab|erst|fruehestens|nichts vor|nie vor|auf keinen fall vor|jederzeit ab|"
        "irgendwann ab|von heute an ab"),
    (Kind.BEFORE, 0, "noch vor|kurz vor|bevor|irgendwann vor|jederzeit vor|vor|fruher als|eher als"),
    (Kind.BY, 0, "bis|spatestens|spatestens um|spatestens am|nicht nach|nicht spater als|bis um|bis spatestens|"
        "bis einschliesslich|bis zu|bis spatestens um|bis spatestens am|spatestens bis|allerspatestens|bis maximal|"
        "bis zum|bis hochstens|irgendwann bis"),
    (Kind.BETWEEN, 0, "zwischen"),
    (Kind.WITHIN, 0, "innerhalb von|binnen|innerhalb|innerhalb der|innerhalb der nachsten|in den nachsten|"
        "in den kommenden|wahrend der nachsten"),
    (Kind.IN, 0, "in etwa|in ungefahr|in circa|in zirka|in rund|in knapp|in|im"),
    (Kind.NOT, Denial.AHEAD,
     "hauptsache nicht|hauptsache nicht am|solange es nicht|solange es nicht am|nur bitte nicht|"
        "nur bitte nicht am|bitte nicht|bitte nicht am|lieber nicht|lieber nicht am|moglichst nicht|"
        "moglichst nicht am|besser nicht|eher nicht|auf keinen fall|auf gar keinen fall|keinesfalls|ungern|"
        "kann ich nicht am|ich kann nicht am|ausgenommen|bis auf|mit ausnahme von|mit ausnahme vom|abgesehen von|"
        "abgesehen vom|alles bis auf|alles nur nicht|alles ausser am|alle tage ausser|jeder tag ausser am|"
        "an jedem tag ausser|an allen tagen ausser|jeden tag bis auf|jederzeit ausser|jederzeit ausser am|nichts|"
        "nicht|weder|nur nicht|aber nicht|bloss nicht|ausser|ausser am|kein|keinen|keine|aber kein|aber keinen|"
        "aber nicht am|nur nicht am|nicht am|nicht an einem|jeden tag ausser|jeden tag ausser am|alles ausser|"
        "jeder tag ausser|egal wann ausser|egal wann nur nicht|egal wann nur nicht am|ohne"),
    (Kind.NOT, Denial.BEHIND,
     "wird schwierig|schwierig|ist schwierig|wird schwer|ist schwer|wird eng|wird nichts|wird knapp|"
        "schlecht|ganz schlecht|ist schlecht|ist ganz schlecht|passt schlecht|passt mir schlecht|geht schlecht|"
        "geht gar nicht|geht leider nicht|passt leider nicht|passt gar nicht|passt mir gar nicht|"
        "passt mir leider nicht|ist ungunstig|ungunstig|unmoglich|ist unmoglich|geht nicht|geht es nicht|"
        "passt nicht|passt mir nicht"),
    (Kind.NOT, Denial.EITHER, "kann ich leider nicht|kann ich gar nicht|konnte ich nicht|ich kann nicht|"
        "ich kann leider nicht|da kann ich nicht|bin ich nicht da|bin ich weg|bin ich unterwegs|"
        "bin ich nicht verfugbar|bin ich verhindert|habe ich keine zeit|hab ich keine zeit|hatte ich keine zeit|"
        "keine zeit|kann nicht|kann ich nicht"),
    (Kind.BUT, 0, "aber|sondern|sondern am|dafur|aber am"),
    (Kind.AND, 0, "und"),
    (Kind.OR, 0, "oder wenn nicht dann|oder wenn nicht|wenn nicht dann|wenn nicht|wenn das nicht geht|ansonsten|"
        "sonst|oder sonst|oder ansonsten|andernfalls|alternativ|oder alternativ|oder notfalls|notfalls|zur not|"
        "oder zur not|oder vielleicht|oder eventuell|oder auch|oder eben|oder halt|oder|noch|oder am|entweder|"
        "oder aber"),
    (Kind.CORRECTION, 0, "nein|nee|ne|nein moment|moment|moment mal|ach nein|ach nee|ach moment|ach quatsch|"
        "nein lieber|nein besser|nein doch lieber|doch lieber|doch besser|oh nein|entschuldigung|sorry|pardon|"
        "entschuldigung nein|nein entschuldigung|verzeihung|ich wollte sagen|wollte sagen|ich meinte|quatsch nein|"
        "nein quatsch|stimmt nicht|warten sie|warte|warte mal|nein warte|nee warte|vielmehr|besser gesagt|"
        "beziehungsweise nein|nein halt|halt stopp|stopp|korrektur|nein sagen wir|nein machen wir|nein nein|nein doch|"
        "nein warten sie|ich meine|nein ich meine|beziehungsweise|halt nein|quatsch"),
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
    **{
        f"{month}woche": f"woche {month}"
        for kind, *_, words in ROWS
        if kind is Kind.MONTH
        for month in str(words).split("|")
    },
    "monatsende": "ende monat",
    "monatsanfang": "anfang monat",
    "monatsmitte": "mitte monat",
    "wochenmitte": "mitte diese woche",
    "wochenanfang": "anfang diese woche",
    "wochenende hin": "ende diese woche",
    "zum wochenende hin": "ende diese woche",
    "bis zum wochenende": "bis diese woche",
    "heute spater": "heute",
    "von heute bis": "bis",
    "zwischen heute und": "bis",
    "zwischen jetzt und": "bis",
    "in der nachsten woche": "nachste woche",
    "nachste oder ubernachste woche": "nachste woche oder ubernachste woche",
    "in ein bis zwei wochen": "nachste woche oder ubernachste woche",
    "heute morgen": "heute vormittag",
    "heute fruh": "heute vormittag",
    "morgen fruh": "morgen vormittag",
    "morgen frueh": "morgen vormittag",
    **{f"{day}{part}": f"{day} {meaning}" for day in _DAYS for part, meaning in _PARTS.items()},
    **{f"{day}{part}s": f"{day}s {meaning}" for day in _DAYS for part, meaning in _PARTS.items() if part != "fruh"},
}
