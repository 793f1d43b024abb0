"""French words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Denial, Kind, Row, numbered

ARTICLES = frozenset({"le", "du"})

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "s il vous plait|svp|euh|heu|ben|peut etre|plutot|de|du|des|d|l|la|les|pour|un|une|rendez|vous|"
        "rendez vous|un rendez vous|rdv|je|j|on|il|voudrais|aimerais|souhaite|souhaiterais|veux|est|ce|possible|si|c|"
        "libre|disponible|quelque chose|merci|creneau|heure|journee|jour|bien|oui|ca|serait|plus tard|annee|mois de|"
        "pile|avez|avez vous|vous avez|auriez vous|y a t il|est ce que|est ce qu|prendre|venir|passer|reserver|me|m|"
        "moi|irait|va|ca va|conviendrait|convient|prefere|prefererais|le mieux|mieux|bonjour|disons|dispo|"
        "toute la journee|si possible|quelconque|avec|ou alors plutot|le meme jour que|meme jour que|dans la journee|"
        "et quelque|que|qu|pouvez|pourrait|peut|puis|pourrais|mettre|faire|alors|bon|par exemple|ca serait|ca me va|"
        "passe|passent|vienne|viennent|quels jours|quel jour|quels creneaux|quelles disponibilites|nous aimerions|"
        "nous voudrions|nous preferons|nous prefererions|on prefere|on aimerait|on voudrait|ne marche plus|"
        "ne fonctionne plus|ne fonctionne pas|fonctionne plus|fonctionne pas|ne demarre pas|ne demarre plus|"
        "demarre plus|ne chauffe plus|ne chauffe pas|est tombe en panne|est tombee en panne|tombe en panne|"
        "tombee en panne|est en panne|en panne|est casse|est cassee|prochains|prochaines|nouveau|nouvelle|patient|"
        "patiente|client|cliente|dos|genou|epaule|soit apres|il faut que ce soit|il faut que|du moment que c est|"
        "tant que c est|pourvu que ce soit|si possible pour|beaucoup|autre|autres|chose|celui|celle|franchement|"
        "normalement|logiquement|honnetement|en general|generalement|se voir|on se voit|a priori|apparemment|"
        "sans probleme|pas de probleme|pas de souci|pas de soucis|ok pour moi|ok pour|d accord pour|sur|certain|"
        "bonne idee|ca colle|ca le fait|ca me dit|ce serait bien|ce serait parfait|ce serait super|ce serait ideal|"
        "ce serait top|ce serait genial|ca serait bien|ca serait parfait|ca serait super|ca serait top|ca serait mieux|"
        "ce serait mieux|si ca vous arrange|si vous etes disponible|si vous etes disponibles|si vous etes libre|"
        "si c est libre|si c est ouvert|si vous avez quelque chose|si vous avez un creneau|si vous avez une place|"
        "si vous avez une dispo|s il y a un creneau|s il y a une place|s il y a quelque chose|s il reste de la place|"
        "top|nous conviendrait|nous arrange|nous arrangerait|nous va|nous irait|vous conviendrait|vous convient|"
        "vous va|vous irait|ah|oh|ok|okay|d accord|parfait|super|genial|tres bien|tres|nickel|voila|eh bien|hein|donc|"
        "en fait|quoi|bonsoir|salut|madame|monsieur|excusez moi de vous deranger|dites moi|dites|disons que|je pense|"
        "je crois|je dirais|je suppose|j imagine|je me disais|je pensais|je voulais|je voulais savoir|savoir|"
        "je cherche|cherche|j ai besoin|j aurais besoin|besoin|il me faudrait|il me faut|il faudrait|faudrait|faut|"
        "fallait|voulais|voudrait|voudrions|aimerions|desire|desirerais|demander|j appelle|appelle|caler|fixer|trouver|"
        "prendre rdv|avoir|ai|as|a ton|aurez|aurez vous|aviez|aviez vous|auriez|avait|serais|serait il|serait ce|etre|"
        "sera|soit disant|sont|suis|sommes|on est|c est|c est pour|ce serait|ce sera|ce sera pour|cela|pourriez|"
        "pourriez vous|pouvez vous|pourrions|pourrait on|peut on|peux|peux tu|passer vous voir|vous voir|voir|"
        "venir vous voir|amener|apporter|deposer|la deposer|le deposer|recevoir|me recevoir|prendre en charge|inscrire|"
        "m inscrire|me caser|caser|glisser|me glisser|me prendre|me mettre|noter|envoyer|quelqu un|vous auriez|"
        "vous avez quelque chose|vous avez de la place|de la place|place|places|creneaux|un creneau|disponibles|"
        "disponibilite|disponibilites|dispos|libres|un trou|trou|rendez vous de libre|si vous avez|si vous pouvez|"
        "si vous avez de la place|si vous etes ouvert|si vous etes ouverts|si c est possible|si ca vous va|"
        "si ca vous convient|si ca ne vous derange pas|si jamais|s il y a|s il y a de la place|s il vous reste|"
        "s il y en a|s il y en a un|s il en reste|s il en reste un|si vous en avez|si vous ouvrez|s il reste|reste|"
        "si je peux|si on peut|dans l ideal|idealement|ideal|l ideal|l ideal serait|l ideal ce serait|de preference|"
        "preferablement|si possible plutot|eventuellement|volontiers|pourquoi pas|ca tombe bien|ca m arrange|"
        "ca m arrangerait|m arrange|m arrangerait|arrange|arrangerait|ca me convient|ca me conviendrait|me convient|"
        "me conviendrait|ca m irait|m irait|ca irait|ca marche|marche|marcherait|ca marcherait|ca ira|me va|me va bien|"
        "me va tres bien|ca passe|c est bon|bonne|bien pour moi|parfait pour moi|possible pour moi|pour moi|chez vous|"
        "nous|lui|elle|leur|mon|ma|mes|notre|votre|vos|sa|son|ses|tout|toute|aussi possible que|encore|deja|toujours|"
        "juste|simplement|vraiment|genre|style|approximativement|a quelque chose pres|un peu|une seconde|un instant|"
        "un moment|attendez voir|voyons|laissez moi voir|je regarde|par contre|sinon rien|on va dire|on dit|on dirait|"
        "on pourrait|je suis libre|je suis disponible|je suis dispo|je peux|je pourrais venir|je peux venir|quel|"
        "quelle|quels|quand|ou est ce|en ce moment|qqch|y aurait il|il y aurait|detartrage|controle|soin|carie|dent|"
        "dents|mal|j ai mal|couronne|dentiste|docteur|medecin|consultation|coupe|coupe de cheveux|cheveux|couleur|"
        "coloration|meches|brushing|barbe|coiffeur|manucure|pedicure|massage|epilation|voiture|vidange|pneus|freins|"
        "revision|controle technique|garage|reparation|reparer|plombier|fuite|robinet|tuyau|chaudiere|chauffe eau|"
        "evier|wc|toilettes|devis|visite|seance|traitement|fils|fille|enfant|enfants|femme|mari|mere|pere|chien|chat|"
        "c est urgent|c est une urgence|urgence|les deux me vont|les deux|l un ou l autre|n importe lequel"),
    # A request: words before it that nobody knows told why.
    (Kind.FILLER, 1, "j aurais besoin|aurais besoin|j aimerais bien|vous pourriez|vous pouvez|vous pouviez|"
        "voudrais|je voudrais|aimerais|j aimerais|souhaiterais|besoin|j ai besoin|il me faudrait|il me faut|"
        "faudrait|auriez|auriez vous|avez vous|vous avez|vous auriez|pouvez|pouvez vous|pourriez vous|pourrait|"
        "s il vous plait|svp|est ce que|y a t il|je cherche|possible"),
    (Kind.FILLER, 3, "de|du|des|d|l|la|les|est|ce|un|une|c est|avec|que|qu|etait|sera"),
    (Kind.FILLER, 2, "pour|a cause"),
    (Kind.FILLER, 4, "parce que|parce qu|car|vu que|vu qu|puisque|puisqu"),
    # Somebody's work or absence: when they are free cannot be told from it.
    (Kind.UNKNOWN, 0, "annuler|reporter|changer|depuis|anniversaire|vous appelle|vous rappelle|rappelle|"
        "vous rappellerai|travaille|je travaille|bosse|je dois|j ai deja|trop tot|trop tard|je sais pas si|"
        "je ne sais pas si|de ceux la|de celles la|decaler|deplacer"),
    (Kind.ONWARD, 0, "ou plus tard|ou apres|et apres|et au dela|ou un peu apres|ou un peu plus tard|et plus|"
        "ou ulterieurement"),
    (Kind.ONWARD, 1, "ou plus tot|ou avant|ou un peu avant"),
    (Kind.ALSO, 0, "aussi|ca va aussi|ca marche aussi|ca me va aussi|me va aussi|egalement|ca irait aussi|"
        "c est bien aussi|c est possible aussi|ca passe aussi|c est bon aussi"),
    (Kind.ADD, 0, "environ|a peu pres|ou quelque chose comme ca|ou dans ces eaux la|plus ou moins|"
        "et des poussieres"),
    (Kind.COUNTED, 0, "personnes|adultes|enfants|ans"),
    (Kind.WEEKS_ON, 1, "la suivante|celle d apres|la semaine d apres|celle qui suit|la semaine qui suit"),
    (Kind.SAME_DAY, 0, "le meme jour|ce jour la"),
    (Kind.ONLY, 0, "uniquement|seulement|exclusivement"),
    (Kind.ARTICLE, 0, "le"),
    (Kind.ANY, 0, "n importe quand|n importe quel jour|a n importe quelle heure|des que possible|"
        "le plus tot possible|le plus vite possible|des que vous pouvez|des que vous avez quelque chose|"
        "des que vous avez de la place|des que vous avez une place|des que vous avez une dispo|"
        "des qu il y a une place|des que c est possible|des que vous avez un creneau|aussitot que possible|"
        "aussi vite que possible|aussi tot que possible|au plus tot possible|le plus tot sera le mieux|"
        "le plus tot c est le mieux|plus tot c est mieux|plus vite c est mieux|d urgence|en urgence|urgent|"
        "immediatement|dans l immediat|sur le champ|vite|asap|le premier creneau que vous avez|"
        "le premier creneau libre|premier creneau libre|le premier creneau possible|"
        "le premier rendez vous possible|le premier rendez vous que vous avez|le premier rendez vous|"
        "le premier rdv disponible|la premiere place|la premiere disponibilite|votre premiere disponibilite|"
        "votre premier creneau|votre premier creneau disponible|votre prochaine disponibilite|"
        "la prochaine disponibilite|le prochain creneau|le prochain creneau disponible|"
        "le prochain rendez vous disponible|le prochain rendez vous|votre prochain creneau|le plus proche|"
        "le creneau le plus proche|le rendez vous le plus proche|la date la plus proche|le plus rapide|"
        "tous les jours me vont|tous les jours me conviennent|n importe|n importe quel moment|"
        "a n importe quel moment|n importe quelle heure|quand ca vous arrange|quand ca vous convient|"
        "quand vous etes libre|quand il y a de la place|quand vous avez un creneau|comme vous voulez|"
        "ca m est completement egal|m est egal|c est egal|egal|peu m importe|je suis flexible|flexible|"
        "je n ai pas de preference|pas de preference|aucune preference|sans preference|aucune importance|"
        "au plus vite|bientot|peu importe|peu importe le jour|prochaine disponibilite|premier creneau|"
        "le premier creneau|premier creneau disponible|le premier creneau disponible|"
        "premier rendez vous disponible|le premier rendez vous disponible|premier disponible|prochain disponible|"
        "le prochain disponible|prochain creneau|ca m est egal|quand vous voulez|quand vous pouvez|"
        "quand vous avez de la place|le plus rapidement possible|tous les jours|rapidement|tout de suite"),
    (Kind.EACH, 0, "chaque|tel ou tel|n importe quel|tous les"),
    (Kind.OFFSET, 7, "aujourd hui en huit"),
    (Kind.OFFSET, 14, "aujourd hui en quinze"),
    (Kind.OFFSET, 0, "des aujourd hui|aujourd hui meme|dans la journee d aujourd hui|aujourd hui|aujourdhui|"
        "ce jour|maintenant"),
    (Kind.OFFSET, 1, "demain"),
    (Kind.OFFSET, 2, "apres demain"),
    (Kind.OFFSET, -1, "hier"),
    (Kind.OFFSET, -2, "avant hier"),
    (Kind.SPREAD, 1, 2, "dans un ou deux jours|d ici un jour ou deux|dans un jour ou deux"),
    (Kind.SPREAD, 2, 3, "dans deux ou trois jours|d ici deux ou trois jours|dans deux trois jours"),
    (Kind.SPREAD, 2, 4, "dans quelques jours|d ici quelques jours"),
    (Kind.SPREAD, 0, 4, "les prochains jours|dans les prochains jours|ces jours ci"),
    (Kind.SHIFT, 7, "en huit|une semaine apres"),
    (Kind.SHIFT, 14, "en quinze"),
    (Kind.SHIFT, 1, "le lendemain de|lendemain de|le lendemain du|un jour apres|le jour apres"),
    (Kind.SHIFT, -1, "la veille de|veille de|la veille du|un jour avant|le jour avant"),
    *numbered(Kind.WEEKDAY, "lundi|lun, mardi, mercredi|mer, jeudi|jeu, vendredi|ven, samedi|sam, dimanche|dim",
        start=0),
    (Kind.EVERY, 0, 1, "lundis|les lundis|un lundi"),
    (Kind.EVERY, 1, 2, "mardis|les mardis|un mardi"),
    (Kind.EVERY, 2, 3, "mercredis|les mercredis|un mercredi"),
    (Kind.EVERY, 3, 4, "jeudis|les jeudis|un jeudi"),
    (Kind.EVERY, 4, 5, "vendredis|les vendredis|un vendredi"),
    (Kind.EVERY, 5, 6, "samedis|les samedis|un samedi"),
    (Kind.EVERY, 6, 7, "dimanches|les dimanches|un dimanche"),
    (Kind.EVERY, 0, 5, "en semaine|jours ouvrables|les jours ouvrables|un jour de semaine|jour de semaine|"
        "jours de semaine|les jours de semaine|jour ouvrable|n importe quel jour ouvrable|"
        "n importe quel jour de semaine|n importe quel jour en semaine|du lundi au vendredi"),
    (Kind.EVERY, 5, 7, "week ends|les week ends|weekends|les weekends"),
    (Kind.NEXT, 0, "prochain|prochaine|suivant"),
    (Kind.THIS, 0, "cet|cette"),
    (Kind.COMING, 0, "qui vient"),
    (Kind.WEEKS, 0, "cette semaine|le reste de la semaine|semaine"),
    (Kind.WEEKS, 1, "semaine prochaine|la semaine prochaine|prochaine semaine|semaine suivante|"
        "la prochaine semaine|la semaine a venir|semaine qui vient|la semaine qui vient|d ici une semaine"),
    (Kind.WEEKS, 1, 1, "dans une semaine|dans huit jours|d ici huit jours|dans a peu pres une semaine|"
        "dans environ une semaine|dans une petite semaine"),
    (Kind.WEEKS, 2, "dans quinze jours|dans une quinzaine|dans une quinzaine de jours|"
        "d ici une quinzaine de jours|d ici quinze jours|dans a peu pres deux semaines|dans environ deux semaines|"
        "dans 15 jours"),
    (Kind.WEEKEND, 0, "week end|weekend|le week end|le weekend"),
    (Kind.WEEKEND, 0, 1, "ce week end|ce weekend"),
    (Kind.WEEKEND, 1, 2, "week end prochain|weekend prochain|prochain week end|prochain weekend|"
        "le week end prochain"),
    (Kind.MONTHS, 0, "ce mois|ce mois ci|le mois en cours|ce mois en cours"),
    (Kind.MONTHS, 0, 1, "mois|le mois"),
    (Kind.MONTHS, 1, "mois prochain|le mois prochain|prochain mois|mois qui vient|dans un mois"),
    (Kind.STRETCH, 0, "debut|en debut de|au debut de|au debut du|le debut de|debut de|au debut|en debut|"
        "tout debut|vers le debut de|vers debut|au tout debut de|au tout debut du"),
    (Kind.STRETCH, 1, "mi|milieu de|au milieu de|au milieu du|en milieu de|vers le milieu de|vers le milieu du|"
        "vers mi|mi parcours de"),
    (Kind.STRETCH, 2, "fin|en fin de|a la fin de|a la fin du|la fin de|la fin du|fin de|fin du|vers la fin de|"
        "vers la fin du|vers fin|tout a la fin de|tout a la fin du|la toute fin de"),
    (Kind.WEEK_OF, 0, "semaine du|la semaine du"),
    (Kind.FINAL, 0, "dernier|derniere"),
    (Kind.WEEK_UNIT, 0, "semaines"),
    (Kind.DAY_UNIT, 0, "jours"),
    (Kind.DAY_UNIT, 1, "un jour"),
    (Kind.HOUR_UNIT, 1, "heures"),
    (Kind.MINUTE_UNIT, 0, "minutes"),
    (Kind.SOON, 30, "une demi heure"),
    (Kind.SOON, 60, 1, "dans l heure|d ici une heure|dans l heure qui vient"),
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
    (Kind.APPOINTMENT, 0, "rendez vous que j ai|rendez vous que j ai deja|rdv que j ai|mon rendez vous|mon rdv|"
        "mon prochain rendez vous|mon rendez vous actuel|celui que j ai|celui que j ai deja|mon creneau|"
        "mon rendez vous prevu|mon rendez vous existant|le rdv que j ai|mon rdv actuel|"
        "le rendez vous que j ai deja|le rendez vous que j ai"),
    (Kind.PART, *MORNING, "avant le dejeuner|avant dejeuner|la matinee|matin|matinee|le matin|matins|du matin|"
        "au matin|dans la matinee|en matinee|les matins|du matin plutot"),
    (Kind.EARLY, 0, "tot|assez tot|plutot tot"),
    (Kind.PART, 0, 600, "tres tot|tot dans la matinee|au petit matin|tres tot le matin|tot le matin|"
        "en debut de matinee|debut de matinee|de bonne heure"),
    (Kind.PART, 600, 720, "en fin de matinee|fin de matinee|en milieu de matinee|tard dans la matinee"),
    (Kind.PART, *AFTERNOON, "apres midi|l apres midi|de l apres midi|apres midis|dans l apres midi"),
    (Kind.PART, 840, 960, "en milieu d apres midi|milieu d apres midi"),
    (Kind.PART, 900, 1080, "en fin d apres midi|fin d apres midi|tard dans l apres midi"),
    (Kind.PART, 720, 900, "en debut d apres midi|debut d apres midi"),
    (Kind.PART, 1020, 1140, "en debut de soiree|debut de soiree"),
    (Kind.PART, *EVENING, "soir|soiree|le soir|du soir|soirs|dans la soiree|en soiree|apres le travail|"
        "apres le boulot|apres ma journee de travail|en sortant du travail|en sortant du boulot|"
        "a la sortie du travail|apres mon travail"),
    (Kind.PART, *LUNCH, "pendant la pause dejeuner|pendant ma pause dejeuner|a la pause dejeuner|pause dejeuner|"
        "sur le temps de midi|entre midi|sur l heure du dejeuner|pendant l heure du dejeuner|le midi|"
        "pendant ma pause de midi|pendant la pause de midi|a l heure de midi|a l heure du repas|"
        "a l heure du dejeuner|heure du dejeuner|pendant le dejeuner"),
    (Kind.PART, 780, 1440, "apres le dejeuner|apres dejeuner|juste apres le dejeuner|apres le repas|apres manger|"
        "apres la pause dejeuner"),
    (Kind.OPENING, 0, "a la premiere heure|premiere heure|des l ouverture|a l ouverture|a la premiere heure du matin|"
        "des que vous ouvrez|quand vous ouvrez|en tout debut de journee|en debut de journee|debut de journee|"
        "le premier rendez vous de la journee|le premier creneau de la journee|des que vous etes ouvert|"
        "des que c est ouvert|a votre ouverture|tout de suite a l ouverture|premier rendez vous du matin|"
        "le premier rendez vous du matin|le premier creneau du matin"),
    (Kind.CLOSING, 0, "juste avant la fermeture|avant la fermeture|en fin de journee|fin de journee|"
        "le dernier rendez vous de la journee|le dernier creneau de la journee|le dernier rendez vous|"
        "le dernier creneau|dernier creneau|dernier rendez vous|avant la fermeture du soir|en toute fin de journee|"
        "juste avant que vous fermiez|avant de fermer|a la fermeture|a la fin de la journee|avant que vous fermiez|"
        "en derniere heure"),
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
    (Kind.AT, 0, "aux environs d|aux alentours d|autour d|vers les|aux environs des|aux alentours des|a environ|"
        "a peu pres a|a peu pres vers|aux environs du|a|vers|aux alentours de|autour de|aux environs de|"
        "sur les coups de"),
    (Kind.AFTER, 0, "juste apres|apres les|apres la|apres l|je finis a|je sors du travail a|"
        "je finis le travail a|je termine a|je debauche a|passe les|apres|apres le|plus tard que"),
    (Kind.FROM, 0, "a partir de|a partir du|a partir d|des|pas avant|pas avant le|au plus tot|au plus tot a|"
        "au plus tot le|a compter de|a compter du|a partir des|a partir|pas avant les|jamais avant|rien avant|"
        "des le|a partir de la|des la|pas plus tot que"),
    (Kind.BEFORE, 0, "juste avant|avant les|avant la|avant l|avant|avant le|plus tot que"),
    (Kind.BY, 0, "jusqu a|jusqu au|jusque|au plus tard|au plus tard a|au plus tard le|d ici|d ici le|d ici a|"
        "d ici au|dernier delai|delai maximum|maximum|au maximum|pas plus tard que|pas plus tard qu|d ici la|"
        "grand maximum|au plus tard pour|pas apres"),
    (Kind.BETWEEN, 0, "entre|entre le"),
    (Kind.WITHIN, 0, "dans les|d ici les|au cours des|sous|dans un delai de|en moins de"),
    (Kind.IN, 0, "dans|en|courant|au cours de|au cours du|dans le courant de|dans le courant du|durant|pendant"),
    (Kind.NOT, Denial.AHEAD,
     "pas|ni|ni le|sauf|sauf le|sauf les|mais pas|mais pas le|pas le|pas les|excepte|excepte le|"
        "hormis|hormis le|a part|a part le|autre que|n importe quel jour sauf|n importe quel jour sauf le|"
        "n importe quand sauf|tous les jours sauf|tous les jours sauf le|surtout pas|surtout pas le|"
        "n importe quel jour mais pas|eviter|eviter le|eviter les|evitez|evitez le|tant que ce n est pas|"
        "tant que c est pas|du moment que ce n est pas|tant que ce n est pas le|tant que c est pas le|"
        "pourvu que ce ne soit pas|a condition que ce ne soit pas|a l exception du|a l exception de|"
        "a l exception des|en dehors du|en dehors de|plutot pas|plutot pas le|de preference pas|si possible pas|"
        "tout sauf|tout sauf le|mais surtout pas|mais surtout pas le|rien|aucun|je ne peux rien|je peux rien|"
        "qui ne soit pas|qui ne soit pas un|qui soit pas un|que ce ne soit pas|mais pas les|jamais"),
    (Kind.NOT, Denial.BEHIND,
     "ne va pas|ca ne va pas|ne me va pas|ca ne m arrange pas|ne m arrange pas|ca m arrange pas|"
        "m arrange pas|ca ne me va pas|ca me va pas|ca va pas|ca ne marche pas|ca marche pas|ne marche pas|"
        "marche pas|ca ne me convient pas|ne me convient pas|me convient pas|ca ne convient pas|ca ne passe pas|"
        "ca passe pas|ce n est pas possible|c est pas possible|n est pas possible|pas possible|impossible|"
        "c est impossible|c est mort|c est complique|complique|c est difficile|difficile|ca tombe mal"),
    (Kind.NOT, Denial.EITHER, "je ne peux pas|je ne peux pas le|je peux pas|je peux pas le|je ne suis pas libre|"
        "je suis pas libre|je ne suis pas disponible|je suis pas disponible|je ne suis pas dispo|je suis pas dispo|"
        "je ne suis pas la|je suis pas la|je suis pris|je suis prise|je suis occupe|je suis occupee|pris|prise|"
        "occupe|je ne pourrai pas|je pourrai pas|je ne pourrais pas|je pourrais pas|peux pas|ne peux pas|peut pas"),
    (Kind.AGO, 0, "il y a"),
    (Kind.BUT, 0, "mais"),
    (Kind.AND, 0, "et|et le"),
    (Kind.TO, 1, "au"),
    (Kind.OR, 0, "ou a defaut|a defaut|ou a defaut le|a defaut le|ou sinon|sinon|ou sinon le|sinon le|ou encore|"
        "ou meme|ou eventuellement|ou peut etre|ou bien le|ou les|ou au pire|au pire|si ce n est pas possible|"
        "si c est pas possible|si pas possible|ou si pas possible|a la limite|ou a la limite|soit le|ou|ou le|soit|"
        "ou bien|ou alors"),
    (Kind.CORRECTION, 0, "non|ah non|euh non|non attendez|attendez|non attends|attends|non non|non je veux dire|"
        "je voulais dire|non enfin|enfin non|oups|excusez moi|non excusez moi|desole|desolee|non desole|non desolee|"
        "plutot non|ou plutot non|enfin plutot|non en fait|en fait non|non mettez plutot|non disons|non disons plutot|"
        "je me trompe|je corrige|non mieux|mince|non plutot|pardon|non pardon|je veux dire|enfin"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

SAME = {
    "d ici la fin": "au plus tard la fin",
    "entre maintenant et": "jusqu a",
    "entre aujourd hui et": "jusqu a",
    "d aujourd hui a": "jusqu a",
    "entre midi et": "entre le midi et",  # a range; "entre midi" alone is the lunch break
    "milieu de semaine": "milieu de cette semaine",
    "en milieu de semaine": "milieu de cette semaine",
    "en debut de semaine prochaine": "debut semaine prochaine",
    "en milieu de semaine prochaine": "milieu de semaine prochaine",
    "dans une semaine ou deux": "semaine prochaine ou dans quinze jours",
    "d ici une semaine ou deux": "semaine prochaine ou dans quinze jours",
    "ce matin": "aujourd hui matin",
    "cet apres midi": "aujourd hui apres midi",
    "cette apres midi": "aujourd hui apres midi",
    "ce midi": "aujourd hui a l heure du dejeuner",
    "ce soir": "aujourd hui soir",
    **{f"ce {day}": f"cet {day}" for day in _DAYS},
}
