"""English words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Denial, Kind, Row, numbered

_FIRST = ("first", "next", "earliest", "soonest", "closest", "nearest")
_FREE = ("available", "open", "free", "possible")
_PLACE = ("appointment", "slot", "opening", "spot", "availability", "one available", "one you have", "you have")
_SOONEST = "|".join(
    f"{the}{first} {rest}"
    for the in ("", "the ", "your ", "your very ", "the very ")
    for first in _FIRST
    for rest in (*_FREE, *_PLACE, *(f"{free} {place}" for free in _FREE for place in (*_PLACE[:4], "time", "date")))
)

_HAVE = ("have", "have now", "have got", "already have", "ve got", "ve already got", "got")
_THEIRS = "|".join(
    f"the {one} i {have}"
    for one in ("one", "one that", "appointment", "appointment that", "booking", "booking that")
    for have in (*_HAVE, "booked", "ve booked")
)

ARTICLES = frozenset({"the"})

ROWS: tuple[Row, ...] = (
    (Kind.ANY, 0, _SOONEST),
    (Kind.FILLER, 0, "please|um|uh|uhm|er|hmm|like|maybe|perhaps|possibly|hopefully|probably|on|of|a|an|for|with|i|id|"
        "d|ll|m|s|re|would|should|might|want|wanna|need|wish|guess|think|suppose|believe|me|my|we|us|you|he|she|"
        "something|some|time|sometime|some time|day|date|it|is|are|was|be|could|can|may|do|does|have|has|got|get|give|"
        "appointment|appointments|slot|slots|spot|opening|openings|available|availability|free|then|just|so|well|ok|"
        "okay|yes|yeah|yep|sure|great|perfect|if|possible|if at all possible|at all|year|exactly|anything|during|"
        "thanks|thank you|let|say|said|how about|what about|what|book|come|coming in|come in|in for|get in|schedule|"
        "fit|squeeze|put|down|hoping|hope|looking|am|fine|good|best|better|ideal|preferably|preferred|preferable|"
        "ideally|prefer|works|work|for me|there|that|will|take|try|see|go|going|make|suits|suit|hi|hello|hey|really|"
        "still|morning time|same day as|on the same day as|the same day as|sort of|kind of|a bit|a little|humanly|"
        "the car off|it off|my car off|whichever is sooner|whichever comes first|whichever is earlier|whichever|looked|"
        "look|fixed|checked|checked out|done|a little bit|slightly|one day|some day|someday|over|over the|to come in|"
        "to book|to see|to get in|all day|all day long|the whole day|why not|may i|i may|i may be|may be|we may|"
        "may be able to|may want|may need|may also|and|what days|which days|what day|which day|what days do you have|"
        "what times|which times|days do you have|good morning|good afternoon|good evening|good day|morning i|"
        "morning i d|morning i m|morning can|morning could|afternoon i d|evening i d|towards|toward|are the only days|"
        "is the only day|are my only days|the only days|the only day|are the best days|is the best day|not working|"
        "isn t working|is not working|aren t working|won t start|doesn t start|stopped working|quit working|quit|"
        "broke down|died|won t turn on|doesn t turn on|isn t turning on|not turning on|not starting|not cooling|"
        "not heating|acting up|making a noise|making a weird noise|gave out|went out|hiya|left|room|if you ve got room|"
        "as long as it s|so long as it s|as long as its|roughly speaking|again|almost|another|anyone|anybody|area|"
        "certain|different|enough|ever|everyone|feel|feeling|find|found|full|happen|happens|hear|heard|help|idea|"
        "important|instead|keep|know|knew|lot|lots|main|many|matter|mean|mine|must|name|quite|ready|real|reason|"
        "regular|request|seem|seems|shall|small|somehow|special|spend|stay|such|suggest|tell|told|together|true|"
        "understand|whole|word|yet|up|love|loved|plan|planning|figure|figured|assume|apparently|currently|ma am|ma|sir|"
        "miss|mister|drop|dropping|dropping off|bringing|leave it with you|ideal for me|perfect for me|good for me|"
        "fine for me|great for me|best for me|better for me|easier for me|works great|works well|works perfectly|"
        "works fine|works for us|would be best|would be ideal|would be perfect|would be great|would be good|"
        "would be better|would be awesome|would be nice|would be amazing|would be lovely|if that s alright|"
        "if that s all right|if that s good|if that s fine|if that s convenient|if it s convenient|if it s okay|"
        "if it s ok|if it s available|if it s free|if it s open|if available|if you re available|if you re not busy|"
        "if you re not too busy|if there s a spot|if there s an opening|if there s space|if there s availability|"
        "if you have time|if you have anything|if you have something|if you have room|if you can swing it|"
        "if you can manage|if you can manage it|if you can squeeze me in|if you can fit me in|oh|ah|mm|mhm|huh|alright|"
        "all right|right|cool|awesome|wonderful|lovely|nice|brilliant|fantastic|excellent|super|sounds|sound|yup|"
        "absolutely|definitely|certainly|of course|course|basically|honestly|literally|obviously|anyway|anyways|"
        "you know|i know|though|tho|guys|folks|there you go|kinda|sorta|kind|sort|quick|question|just wondering|"
        "wondering|wonder|curious|calling|call to|called|trying|thinking|thought|wanted|wanting|needed|needing|been|"
        "being|were|had|having|did|gonna|gotta|am going to|ll be|let me|let us|lets|let me think|let me see|let s see|"
        "give me a second|just a second|one second|one moment|just a moment|one sec|a second|a moment|first of all|"
        "first choice|my first choice|to be honest|if that s ok|if that s okay|if that works|if that s possible|"
        "if you can|if i can|if you could|if i could|if you have|if you ve got|if you re open|if you re free|"
        "if you don t mind|if there s anything|if there is anything|if there s one|if there is one|if there are any|"
        "if there s any left|if there are any left|if any are left|if one s left|if one is left|if one s free|"
        "if one is free|if one s available|if one is available|if need be|if it s possible|if it works|if poss|"
        "if you like|if that suits|or whatever|or something|or something like that|something like|"
        "something along those lines|no problem|not a problem|no worries|no rush|no hurry|no big deal|that s fine|"
        "i m not sure|not sure|am not sure|i don t know|dunno|i dunno|somewhere|anywhere|someplace|which|who|when s|"
        "when is|when|where|how|s there|got any|any chance of|any chance|is there any chance|chance|way|"
        "is there any way|any way|opportunity|able|able to|manage|possibility|options|window|gap|cancellation|"
        "cancellations|spots|times|dates|schedule in|scheduled|scheduling|booked|booking in|reservation|reserve|"
        "arrange|set up|set|sign up|pencil|pop|pop in|pop by|swing|swing by|stop by|stop in|drop by|drop in|drop off|"
        "drop it off|bring|bring in|bring it|bring it in|bring her in|bring him in|come by|come over|come out|"
        "send someone|send somebody|send|someone|somebody|somebody out|someone out|out|over to|head|show up|get it|"
        "get it done|look at|take a look|see me|take me|fit us|be seen|seen|here|by there|in there|move it to|"
        "reschedule it to|reschedule to|change it to|switch it to|push it to|bump it to|convenient|easiest|easier|"
        "suitable|suits me|doable|realistic|manageable|pretty|very|much|more|most|mostly|mainly|generally|usually|"
        "typically|normally|simply|totally|completely|super flexible|pretty flexible|pretty open|wide open|best bet|"
        "my best bet|go ahead|go with|gonna go with|stick with|happy|glad|keen|rather|i d rather|sooner if possible|"
        "your|our|his|her|their|its|this is|it ll|that ll|that d|it d|they|them|him|ve|s it|s the|t|doc|doctor|dentist|"
        "dr|mechanic|plumber|stylist|barber|technician|tech|hygienist|vet|therapist|son|daughter|kid|kids|child|"
        "children|baby|mom|mum|dad|mother|father|wife|husband|partner|boyfriend|girlfriend|friend|dog|puppy|cat|myself|"
        "both of us|the two of us|cleaning|clean|lesson|driving lesson|checkup|check up|check in|exam|examination|"
        "filling|crown|root canal|tooth|teeth|toothache|ache|aching|hurts|hurting|killing|pain|painful|broken|broke|"
        "cracked|chipped|haircut|hair cut|hair|cut|trim|color|colour|highlights|blowout|blow dry|perm|beard|shave|"
        "nails|manicure|pedicure|massage|facial|waxing|wax|lashes|brows|oil change|oil|tire|tires|tyre|tyres|brake|"
        "brakes|inspection|mot|service|servicing|serviced|tune up|rotation|alignment|car|truck|van|vehicle|bike|"
        "battery|engine|plumbing|leak|leaking|leaky|drain|toilet|sink|faucet|tap|pipe|pipes|boiler|heater|water heater|"
        "furnace|heating|repair|repairs|fix|install|installed|installation|estimate|quote|consultation|consult|visit|"
        "meeting with you|session|follow up|followup|new patient|physical|shot|vaccine|treatment|procedure|x ray|"
        "emergency appointment|it s an emergency|it s urgent|else|everything|all|these|those|others|thing|things|case|"
        "in case|given|since it|because"),
    # A request: words before it that nobody knows told why.
    (Kind.FILLER, 1, "can|could|need|want|wanna|would like|d like|would love|d love|wanted to|book|schedule|"
        "squeeze|looking for|hoping|can you|could you|can somebody|can someone|could someone|could somebody|do you|"
        "do you have|are you|is there|is there any|any chance|get in|come in|come out|fit me in|fit|see me|"
        "wondering|needing|wanted|trying to|please|how about|what about|let s do|let s say|preferably|ideally"),
    (Kind.FILLER, 3, "on|of|a|an|with|is|are|was|s|m|re|be|that|to go|to be|then|it"),
    (Kind.FILLER, 2, "for|since my|to fix|to look at"),
    (Kind.FILLER, 4, "because|cause|cuz"),
    # What these say about when somebody is busy cannot be told from what they say about when they are free.
    (Kind.UNKNOWN, 0, "latest you have|latest you ve got|the latest you have|how late|how long|how much|"
        "usually come|usually have|usually go|there s a cancellation|remind|remind me|text me|email me|cancel|"
        "confirm|was there|i was at|i was in|told me|has the car|change|move|reschedule|since|birthday|did you say|"
        "you said|i called|i was there|i came in|be calling|call again|call tomorrow|call you|call in|try again|"
        "she works|he works|they work|wife works|husband works|partner works|mom works|dad works|"
        "i ve got something|i have something|i already have something|i already have|i ve already got|i have a|"
        "i ve got a|i ve got to|i have to|i got to|i gotta|don t know if|not sure if|not sure whether|"
        "not sure about|i m not sure about|check with|see if i|of those|of these|of them|first option|"
        "second option|third option|last option|first choice was|too soon|too late|too early|too long|too far|"
        "not too|no longer|is that too|all done|none of|none of these|none of those|neither of|call me|call back|"
        "i work|we work|i m at work|at work|working until|work until|work till|work from|work on"),
    (Kind.ARTICLE, 0, "the|the day of"),
    (Kind.ANY, 0, "the sooner the better|sooner the better|sooner rather than later|the earlier the better|"
        "earlier the better|as early as you can|as early as you have|as early as you ve got|as soon as you have|"
        "as soon as you ve got|as soon as i can|as soon as we can|as quickly as possible|as fast as possible|"
        "quickly|quickest|the quickest|next free|whatever you ve got|whatever you got|whatever you have first|"
        "whatever you ve got first|whatever s open first|whatever s available first|whatever opens up first|"
        "whatever opens up|whatever s open|whatever s available|whatever s free|whatever is available|"
        "whatever is open|whatever is free|whatever comes first|whatever comes up first|whatever is first|"
        "whenever you can|whenever you ve got|whenever you have|whenever s good|don t mind which day|"
        "don t mind which|don t mind when|any day s fine|any day s good|any day s okay|any time s fine|"
        "don t care when|don t care which day|urgent|urgently|emergency|i m easy|up to you|you pick|you choose|"
        "you tell me|surprise me|dealer s choice|makes no difference|no difference to me|all the same to me|"
        "all the same|any day at all|any time at all|any time really|anything you have|anything you ve got|"
        "anything available|anything open|anything goes|any|pronto|this minute|straightaway|first thing you have|"
        "first thing you ve got|first thing available|next thing available|next thing you have|"
        "the one you have first|first one you have|first you have|wide open|totally open|completely open|"
        "pretty open|from now on|anytime|any time|any day|any day of the week|any date|whenever|soon|asap|"
        "as soon as possible|as soon as humanly possible|as soon as you can|as early as possible|soonest|"
        "your soonest|earliest|the earliest|your earliest|earliest possible|right away|straight away|immediately|"
        "first available|the first available|next available|your next available|the next available|next opening|"
        "next possible|next slot|the first one|no preference|doesn t matter|does not matter|doesnt matter|"
        "dont care|don t care|don t mind|dont mind|flexible|whatever|whatever works|whatever you have|whatever day|"
        "open|every day|everyday|next thing|whatever is next|whatever s next|anything at all|anything works|"
        "anything is fine"),
    (Kind.EACH, 0, "any|every|each|any given"),
    (Kind.OFFSET, 0, "today|todays|now|right now|later today|as of today|today s|this very day"),
    (Kind.SAME_DAY, 0, "the same day|same day|that same day|that day|on the same day|later the same day"),
    (Kind.OFFSET, 1, "tomorrow|tomorow|tommorrow|tommorow|tomorrows|tmrw|tmr|next day|tomorrow s|the next day"),
    (Kind.OFFSET, 2, "day after tomorrow|the day after tomorrow|overmorrow"),
    (Kind.OFFSET, -1, "yesterday"),
    (Kind.SPREAD, 2, 4, "in a few days|few days from now|a few days from now|in several days"),
    (Kind.SPREAD, 1, 2, "in a day or two|a day or two|in a day or so|in one or two days|day or two from now"),
    (Kind.SPREAD, 0, 2, "next day or two|the next day or two|next day or so|the next day or so"),
    (Kind.SPREAD, 2, 3, "in two or three days|in two to three days|in a couple or three days"),
    (Kind.SPREAD, 0, 4, "next few days|the next few days|coming days|the coming days"),
    (Kind.SHIFT, 7, "a week from|one week from|a week on|week from|a week after|one week after|a week later than|"
        "one week later than"),
    (Kind.SHIFT, 1, "the day after|day after|a day after|one day after|a day later than|one day later than"),
    (Kind.SHIFT, -1, "the day before|day before|a day before|one day before|a day earlier than|"
        "one day earlier than|a day sooner than"),
    (Kind.SHIFT, -7, "a week before|one week before|a week earlier than|one week earlier than|a week sooner than"),
    (Kind.SHIFT, 14, "a fortnight|a fortnight from|a fortnight on|fortnight"),
    *numbered(Kind.WEEKDAY, "monday|mon, tuesday|tue|tues, wednesday|wed|weds, thursday|thu|thur|thurs, friday|fri, "
        "saturday|sat, sunday|sun", start=0),
    (Kind.EVERY, 0, 1, "mondays|every monday|a monday|some monday|any given monday"),
    (Kind.EVERY, 1, 2, "tuesdays|every tuesday|a tuesday|some tuesday|any given tuesday"),
    (Kind.EVERY, 2, 3, "wednesdays|every wednesday|a wednesday|some wednesday|any given wednesday"),
    (Kind.EVERY, 3, 4, "thursdays|every thursday|a thursday|some thursday|any given thursday"),
    (Kind.EVERY, 4, 5, "fridays|every friday|a friday|some friday|any given friday"),
    (Kind.EVERY, 5, 6, "saturdays|every saturday|a saturday|some saturday|any given saturday"),
    (Kind.EVERY, 6, 7, "sundays|every sunday|a sunday|some sunday|any given sunday"),
    (Kind.EVERY, 0, 5, "weekday|weekdays|any weekday|every weekday|during the week|week days|week day|work days|"
        "workdays|working days|working day|business days|business day|a weekday|on weekdays"),
    (Kind.EVERY, 5, 7, "weekends|any weekend|every weekend"),
    (Kind.NEXT, 0, "next|following|this next"),
    (Kind.THIS, 0, "this"),
    (Kind.COMING, 0, "coming|this coming|upcoming|this upcoming"),
    (Kind.WEEKS, 0, "this week|the week|the rest of the week|rest of the week|the rest of this week|"
        "rest of this week|any time this week"),
    (Kind.WEEKS, 1, "next week|following week|the following week|coming week|the coming week|one week from now|"
        "a week from now|the week after this|the week after this one|week after this|week after this one"),
    (Kind.WEEKS_ON, 1, "the week after|the week after that|the one after|the one after that|the following one"),
    (Kind.WEEKS, 1, 1, "in a week|in a week or so|in about a week|in one week|in a week s time|"
        "in one week s time|about a week from now|a week or so from now"),
    (Kind.WEEKS, 2, "week after next|the week after next|in a couple of weeks|in a fortnight|in couple weeks"),
    (Kind.WEEKEND, 0, "weekend|the weekend"),
    (Kind.WEEKEND, 0, 1, "this weekend|coming weekend|this coming weekend"),
    (Kind.WEEKEND, 1, "next weekend|following weekend|the following weekend"),
    (Kind.WEEKEND, 2, "weekend after next|the weekend after next"),
    (Kind.MONTHS, 0, "this month|the rest of the month|rest of the month|the rest of this month"),
    (Kind.MONTHS, 0, 1, "the month"),
    (Kind.MONTHS, 1, "a month from today|one month from today|a month from tomorrow|in about a month|"
        "in a month or so|in a month s time|about a month from now|in one month|one month from now|next month|"
        "following month|the following month|in a month|a month from now"),
    (Kind.MONTHS, 2, "month after next|the month after next"),
    (Kind.STRETCH, 0, "beginning of|the beginning of|start of|the start of|the first part of"),
    (Kind.STRETCH, 1, "middle of|the middle of|mid|halfway through|around the middle of"),
    (Kind.STRETCH, 2, "end of|the end of|towards the end of|toward the end of|towards end of|near the end of|"
        "close to the end of|the tail end of|tail end of|the back end of|back end of"),
    (Kind.EARLY, 0, "early|early in|early on|earlier in"),
    (Kind.LATE, 2, "late|late in|later in|late on"),
    (Kind.WEEK_OF, 0, "week of|the week of|week beginning|week starting|week commencing|the week beginning|"
        "the week starting|the week commencing|the same week as|same week as"),
    (Kind.FINAL, 0, "last|the last|final|the final"),
    (Kind.WEEK_UNIT, 0, "week|weeks"),
    (Kind.DAY_UNIT, 0, "days"),
    (Kind.DAY_UNIT, 1, "1 day|in one day|one day from now"),
    (Kind.HOUR_UNIT, 0, "hour|hours|hrs|hr"),
    (Kind.MINUTE_UNIT, 0, "minute|minutes|mins|min"),
    (Kind.MONTH_UNIT, 0, "months"),
    (Kind.COUNTED, 0, "people|persons|of us|adults|guests|kids|children|minute appointment|minute massage|"
        "minute session|minute slot|minute one|minute cut|hour appointment|hour session|hour massage|hour slot|"
        "year old|year olds|tires|tyres|teeth|fillings"),
    (Kind.SOON, 60, 1, "in the next hour|within the hour|within an hour|within the next hour|"
        "in the next hour or so"),
    (Kind.SOON, 60, "an hour|one hour|about an hour"),
    (Kind.SOON, 30, "half an hour|a half hour|half hour"),
    (Kind.SOON, 90, "an hour and a half|one and a half hours"),
    *numbered(Kind.MONTH, "january|jan, february|feb, march|mar, april|apr, may, june|jun, july|jul, august|aug, "
        "september|sep|sept, october|oct, november|nov, december|dec"),
    *numbered(Kind.NUMBER, "one, two|couple of|a couple of|a couple|couple, three, four, five, six, seven, eight, "
        "nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, "
        "twenty one, twenty two, twenty three, twenty four, twenty five, twenty six, twenty seven, twenty eight, "
        "twenty nine, thirty, thirty one"),
    (Kind.NUMBER, 35, "thirty five"),
    (Kind.NUMBER, 40, "forty"),
    (Kind.NUMBER, 45, "forty five"),
    (Kind.NUMBER, 50, "fifty"),
    (Kind.NUMBER, 55, "fifty five"),
    *numbered(Kind.ORDINAL, "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, "
        "twelfth, thirteenth, fourteenth, fifteenth, sixteenth, seventeenth, eighteenth, nineteenth, twentieth, "
        "twenty first, twenty second, twenty third, twenty fourth, twenty fifth, twenty sixth, twenty seventh, "
        "twenty eighth, twenty ninth, thirtieth, thirty first"),
    (Kind.MONTH_DAY, 1031, "halloween"),
    (Kind.MONTH_DAY, 1224, "christmas eve"),
    (Kind.MONTH_DAY, 1225, "christmas|christmas day|xmas"),
    (Kind.MONTH_DAY, 1226, "boxing day"),
    (Kind.MONTH_DAY, 1231, "new year s eve|new years eve"),
    (Kind.MONTH_DAY, 101, "new year s day|new years day"),
    (Kind.MONTH_DAY, 214, "valentine s day|valentines day|valentines"),
    (Kind.APPOINTMENT, 0, "my appointment|my current appointment|my existing appointment|my next appointment|"
        "my upcoming appointment|my other appointment|my booking|my current booking|my existing booking|my slot|"
        "my current slot|my current one|my current time|my existing one|what i have|what i have now|what i ve got|"
        "the current one|the current appointment|the existing one|the existing appointment|my scheduled appointment|"
        "when i m booked|my original appointment|my present appointment|my regular appointment|my scheduled one|"
        "my scheduled time|my appointment time"),
    (Kind.APPOINTMENT, 0, _THEIRS),
    (Kind.PART, *MORNING, "morning|forenoon|before lunch|before lunchtime|a morning|before noonish"),
    (Kind.PARTS, *MORNING, "mornings"),
    (Kind.PARTS, *AFTERNOON, "afternoons"),
    (Kind.PARTS, *EVENING, "evenings|nights"),
    (Kind.PART, 0, 600, "early morning|early in the morning|early mornings|bright and early|really early|"
        "super early|very early|first light|crack of dawn"),
    (Kind.PART, 600, 720, "late morning|mid morning|midmorning|late in the morning|later in the morning"),
    (Kind.PART, *AFTERNOON, "afternoon"),
    (Kind.PART, 720, 900, "early afternoon|early in the afternoon|early afternoons"),
    (Kind.PART, 840, 960, "mid afternoon|midafternoon|the middle of the afternoon"),
    (Kind.PART, 900, 1080, "late afternoon|late in the afternoon|later in the afternoon|late afternoons"),
    (Kind.PART, 1020, 1140, "early evening|early evenings|early in the evening"),
    (Kind.PART, *EVENING, "evening|night|after work|at night|after hours|after i get off work|"
        "when i get off work|after i finish work|after i m done with work|once i m off work|after my shift|"
        "after the workday|after business hours"),
    (Kind.PART, *LUNCH, "lunch|lunchtime|lunch time|over lunch|around lunch|around lunchtime|at lunch|"
        "at lunchtime|lunch hour|during lunch|midday ish|lunch break|my lunch break|on my lunch break|"
        "during my lunch break|my lunch hour|on my lunch hour|during my lunch hour|on my lunch|lunch ish|"
        "the lunch hour|around midday"),
    (Kind.PART, 780, 1440, "after lunch|after lunchtime|right after lunch|just after lunch|straight after lunch|"
        "past lunch"),
    (Kind.OPENING, 0, "first thing|first thing in the morning|first thing in the day|the first thing|"
        "when you open|as soon as you open|right when you open|right after you open|at opening|at opening time|"
        "the first slot of the day|first slot of the day|first appointment of the day|"
        "the first appointment of the day|start of the day|the start of the day|start of day|"
        "the beginning of the day|beginning of the day|the earliest slot of the day|"
        "first appointment in the morning|the first appointment in the morning|first slot in the morning|"
        "right at opening|when you guys open|as soon as you guys open|right when you guys open|when you first open|"
        "as early as you open|the minute you open|opening time"),
    (Kind.CLOSING, 0, "last thing|last thing in the day|the last thing|end of the day|the end of the day|"
        "at the end of the day|end of day|before you close|just before you close|right before you close|"
        "before closing|just before closing|right before closing|before closing time|at closing time|"
        "the last slot of the day|last slot of the day|last appointment of the day|the last appointment of the day|"
        "close of business|late in the day|later in the day|the last appointment|last appointment|last slot|"
        "the last slot|last opening|the last opening|last spot|the last spot|latest appointment|"
        "the latest appointment|latest slot|the latest slot|last one of the day|the very end of the day|"
        "the very last appointment|towards the end of the day|toward the end of the day|near the end of the day|"
        "right at closing|right before you guys close|before you guys close|closing time|near closing|"
        "near closing time|the last one of the day|your last appointment|your last slot|"
        "your last appointment of the day"),
    (Kind.AM, 0, "am|a m|antemeridiem"),
    (Kind.PM, 0, "pm|p m"),
    (Kind.OCLOCK, 0, "o clock|oclock|h|hundred|hundred hours"),
    (Kind.NOON, 0, "noon|midday|mid day|12 noon|twelve noon|noonish|noontime"),
    (Kind.MIDNIGHT, 0, "midnight"),
    (Kind.PAST, 30, "half past|half"),
    (Kind.PAST, 15, "quarter past|a quarter past|quarter after|a quarter after"),
    (Kind.PAST, -15, "quarter to|a quarter to|quarter of|a quarter of|quarter till|a quarter till"),
    *numbered(Kind.ADD, "oh one|o one, oh two|o two, oh three|o three, oh four|o four, oh five|o five, oh six|o six, "
        "oh seven|o seven, oh eight|o eight, oh nine|o nine"),
    (Kind.ADD, 0, "on the dot|sharp|on the nose|exactly on the dot|ish|or so|or thereabouts|or around then|"
        "or around there|or around that|or about then"),
    (Kind.AT, 0, "round about|round|right around|right about|right at|at exactly|at precisely|for about|"
        "for around|closer to|near|some time around|sometime around|at|around|about|at around|at about|roughly|"
        "approximately|at approximately|somewhere around|close to"),
    (Kind.AFTER, 0, "after|right after|just after|straight after|shortly after|soon after|later than|past|"
        "any later than|later on than|beyond|i get off work at|i get off at|i finish at|i finish work at|"
        "i m done at|i m off at|i m done with work at|get out of work at|i get out at|i m free after|only after|"
        "as long as it s after|any time past|sometime after|some time after"),
    (Kind.FROM, 0, "from|starting|starting from|starting at|starting on|beginning|beginning on|as of|not before|"
        "no earlier than|not earlier than|no sooner than|not sooner than|not until|not till|anything from|"
        "at the earliest|on or after|as early as|anywhere from|at or after|only from|i m free from|available from"),
    (Kind.BEFORE, 0, "before|right before|just before|shortly before|earlier than|sooner than|prior to|ahead of|"
        "as long as it s before|only before|sometime before|some time before|in advance of"),
    (Kind.BY, 0, "at or before|at latest|by no later than|not any later than|by|at the latest|until|till|til|"
        "through|thru|no later than|not later than|not after|up to|up until|on or before|no later"),
    (Kind.BETWEEN, 0, "between|in between"),
    (Kind.WITHIN, 0, "within|in under"),
    (Kind.ONWARD, 0, "or later|or after|or any time after|or anytime after|or thereafter|and later|and after|"
        "onward|onwards|forward|and onwards|and on|or past|after that|or after that|so after that|"
        "any time after that|anytime after that|so anytime after that|so any time after that|or afterwards|and up|"
        "or beyond|or any time later"),
    (Kind.ONWARD, 1, "or earlier|or before|or sooner|or any time before|or anytime before|and earlier|"
        "or before that"),
    (Kind.ALSO, 0, "too|also|as well|is fine|is ok|is okay|would be fine|would be ok|would be okay|works|"
        "would work|works too|would work too|also works|is also fine|is good|could work|is possible|is alright|"
        "is all right|i could do|i can do|might work|is an option|is good too|is fine too|is okay too"),
    (Kind.ONLY, 0, "only"),
    (Kind.IN, 0, "in|from now"),
    (Kind.NOT, Denial.CORRECTS, "no"),
    (Kind.NOT, Denial.BEHIND, "isn t great|is not great|not great|not ideal|isn t ideal|is not ideal|no go|is a no go|"
        "a no go|is out of the question|out of the question|doesn t suit|doesn t suit me|don t suit|don t suit me|"
        "is tricky|are tricky|is tough|are tough|is hard|are hard|is difficult|are difficult|is terrible|"
        "are terrible|is impossible|are impossible|isn t going to work|is not going to work|won t do|not possible|"
        "not an option|doesn t work|does not work|doesnt work|don t work|do not work|dont work|wont work|is bad|"
        "are bad|bad|is out|are out|won t work|will not work|isn t good|is not good|is no good|no good|not good|"
        "isn t possible|s no good|s bad|s out|s not good|s not great|s a no go|isn t great for me|"
        "doesn t work for me|don t work for me|is full for me"),
    (Kind.NOT, Denial.AHEAD, "don t do|don t like|not a fan of|i m not a fan of|instead of|rather than|as opposed to|"
        "nothing|that isn t|that is not|that s not|which isn t|as long as it s not|as long as it isn t|"
        "so long as it s not|so long as it isn t|provided it s not|long as it s not|avoid|to avoid|rather avoid|"
        "rather not|would rather not|prefer not|prefer not to|preferably not|ideally not|hopefully not|"
        "anything other than a|anything except|any time except|anytime except|any time other than|"
        "anytime other than|every day other than|i m out of town on|out of town on|wouldn t work|hate|i hate|not|"
        "neither|except|except for|except on|anything but|any day but|any day but not|any day except|any time but|"
        "anytime but|any day other than|anything other than|other than|apart from|aside from|but not|just not|"
        "but no|and not|never|not on|not on a|excluding|besides|without|not in|every day but|every day except|"
        "everyday but|everyday except"),
    (Kind.NOT, Denial.EITHER,
     "i m busy|i m busy on|i am busy|am busy|busy|busy on|tied up|i m tied up|i m away|i m away on|"
        "away on|i m unavailable|unavailable|i m not available|i m not free|i m not around|not around|"
        "can t make it|can t make it on|cannot make it|can t come in|can t come on|can t do it|couldn t|"
        "couldn t do|couldn t make|i won t be|won t be able|can t do|cannot do|can t make|cannot make|cant do|"
        "cant make|can t|cannot|can t come|not available|not free|not able|don t want|do not want"),
    (Kind.BUT, 0, "but"),
    (Kind.AND, 0, "and|as well as"),
    (Kind.TO, 0, "to"),
    (Kind.OR, 0, "or|nor|either|or maybe|or perhaps|or even|or else|or on|or possibly|otherwise|or otherwise|"
        "if not|or if not|and if not|failing that|or failing that|or alternatively|alternatively|"
        "if that doesn t work|if that s not possible|if that s full|if that isn t possible|as a backup|"
        "second choice|my second choice|and or|or both|or then|then maybe|or if that doesn t work|or at the latest"),
    (Kind.FILLER, 0, "either one|whichever|either way|both|both fine|both good|both work|either works|"
        "either one works|either is fine|either one is fine|either s fine|whichever works|whichever is first"),
    (Kind.CORRECTION, 0, "actually|oh wait|sorry|oh sorry|sorry i mean|sorry i meant|sorry make that|no i mean|"
        "no i meant|no let s say|no let s do|no let s make it|let s make that|let s make it|no make it|no rather|"
        "rather make it|actually no|no actually|actually make that|actually make it|no no|no no no|strike that|"
        "on second thought|on second thoughts|never mind|nevermind|hang on|hold on|excuse me|or actually|oh no|"
        "oops|whoops|my mistake|my bad|wait a minute|wait no make it|no wait make it|no wait make that|no hang on|"
        "no hold on|i should say|well actually|well no|no wait|wait no|i mean|i meant|no sorry|sorry no|"
        "scratch that|no make that|make that|or rather|correction|wait"),
    (Kind.AGO, 0, "ago"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

SAME = {
    **{f"weekend {part}": f"weekends {part}" for part in ("mornings", "afternoons", "evenings")},
    "weeknights": "weekdays evenings",
    "weeknight": "weekdays evenings",
    "later tonight": "today evening",
    **{f"{hour}ish": f"{hour} ish" for hour in _HOURS},
    "a week this": "a week from this",
    "next week or the week after": "next week or week after next",
    "in a week or two": "next week or week after next",
    "a week or two from now": "next week or week after next",
    "in the next week": "within next week",
    "in the next week or so": "within next week",
    "over the next week": "within next week",
    "within a week": "within next week",
    "in the coming week": "next week",
    "next fortnight": "next two weeks",
    "coming fortnight": "next two weeks",
    "within a fortnight": "within two weeks",
    "within the fortnight": "within two weeks",
    "this week sometime": "this week",
    "midweek": "mid this week",
    "early in the week": "early this week",
    "late in the week": "late this week",
    "between now and": "by",
    "from now until": "by",
    "from now till": "by",
    "from now to": "by",
    "before the week is out": "by the end of the week",
    "before the week s out": "by the end of the week",
    "before the month is out": "by the end of the month",
    "before the month s out": "by the end of the month",
    "later this afternoon": "late afternoon today",
    "later this evening": "evening today",
    "late tonight": "evening today",
    "earlier in the week": "early this week",
    "tonight": "today evening",
    "tomorrow night": "tomorrow evening",
    "this morning": "today morning",
    "this afternoon": "today afternoon",
    "this evening": "today evening",
    "later this week": "this week not today",
    "later in the week": "this week not today",
    "later next week": "late next week",
    "earlier next week": "early next week",
    "later this month": "this month not today",
    "later in the month": "this month not today",
    "a fortnight today": "a fortnight today",
    "the day after christmas": "boxing day",
}
