"""English words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "please|um|uh|uhm|er|hmm|like|maybe|perhaps|possibly|hopefully|probably|on|of|a|an|for|"
        "with|i|id|"
        "d|ll|m|s|re|would|should|might|want|wanna|need|wish|guess|think|suppose|believe|me|my|we|us|you|he|she|"
        "something|some|time|sometime|some time|day|date|it|is|are|was|be|could|can|may|do|does|have|has|got|"
        "get|give|"
        "appointment|appointments|slot|slots|spot|opening|openings|available|availability|free|then|just|so|well|ok|"
        "okay|yes|yeah|yep|sure|great|perfect|only|if|possible|if at all possible|at all|year|or so|sharp|exactly|"
        "anything|during|thanks|thank you|let|say|said|how about|what about|what|book|come|coming in|come in|in for|"
        "get in|schedule|fit|squeeze|put|down|hoping|hope|looking|am|fine|good|great|best|better|ideal|preferably|"
        "ideally|prefer|works|work|for me|there|that|will|take|try|see|go|going|make|suits|suit|hi|hello|hey|"
        "actually|"
        "really|still|also|morning time|onward|onwards|forward|same day as|on the same day as|the same day as|"
        "sort of|kind of|a bit|a little|a little bit|slightly|one day|some day|someday|over|over the|to come in|"
        "to book|to see|to get in|all day|all day long|the whole day|why not|may i"),
    # What these say about when somebody is busy cannot be told from what they say about when they are free.
    (Kind.UNKNOWN, 0, "i work|we work|i m at work|at work|working until|work until|work till|work from|work on"),
    (Kind.ARTICLE, 0, "the|the day of"),
    (Kind.ANY, 0, "from now on|anytime|any time|any day|any day of the week|any date|whenever|soon|asap|"
        "as soon as possible|"
        "as soon as you can|as early as possible|soonest|your soonest|earliest|the earliest|your earliest|"
        "earliest possible|right away|straight away|immediately|first available|the first available|next available|"
        "your next available|the next available|next opening|next possible|next slot|the first one|no preference|"
        "doesn t matter|does not matter|doesnt matter|dont care|don t care|don t mind|dont mind|flexible|whatever|"
        "whatever works|whatever you have|whatever day|open|every day|everyday|next thing|whatever is next|"
        "whatever s next|anything at all|anything works|anything is fine|anything goes"),
    (Kind.EACH, 0, "any|every|each"),
    (Kind.OFFSET, 0, "today|todays|now|right now|later today|as of today|the same day"),
    (Kind.OFFSET, 1, "tomorrow|tomorow|tommorrow|tommorow|tomorrows|tmrw|tmr|next day"),
    (Kind.OFFSET, 2, "day after tomorrow|the day after tomorrow|overmorrow"),
    (Kind.OFFSET, -1, "yesterday"),
    (Kind.SPREAD, 2, 4, "in a few days|few days from now|a few days from now|in several days"),
    (Kind.SPREAD, 0, 4, "next few days|the next few days|coming days|the coming days"),
    (Kind.SHIFT, 7, "a week from|one week from|a week on|week from|a week after|one week after"),
    (Kind.SHIFT, 1, "the day after|day after|a day after|one day after"),
    (Kind.SHIFT, -1, "the day before|day before|a day before|one day before"),
    (Kind.SHIFT, -7, "a week before|one week before"),
    (Kind.SHIFT, 14, "a fortnight|a fortnight from|a fortnight on|fortnight"),
    *numbered(Kind.WEEKDAY, "monday|mon, tuesday|tue|tues, wednesday|wed|weds, thursday|thu|thur|thurs, friday|fri, "
        "saturday|sat, sunday|sun", start=0),
    (Kind.EVERY, 0, 1, "mondays"),
    (Kind.EVERY, 1, 2, "tuesdays"),
    (Kind.EVERY, 2, 3, "wednesdays"),
    (Kind.EVERY, 3, 4, "thursdays"),
    (Kind.EVERY, 4, 5, "fridays"),
    (Kind.EVERY, 5, 6, "saturdays"),
    (Kind.EVERY, 6, 7, "sundays"),
    (Kind.EVERY, 0, 5, "weekday|weekdays|any weekday|every weekday|during the week|week days|week day|work days|"
        "workdays|working days|working day|business days|business day"),
    (Kind.EVERY, 5, 7, "weekends|any weekend|every weekend"),
    (Kind.NEXT, 0, "next|following"),
    (Kind.THIS, 0, "this"),
    (Kind.COMING, 0, "coming|this coming|upcoming|this upcoming"),
    (Kind.WEEKS, 0, "this week|the week|the rest of the week|rest of the week|the rest of this week|"
        "rest of this week|any time this week"),
    (Kind.WEEKS, 1, "next week|following week|the following week|coming week|the coming week|"
        "one week from now|a week from now"),
    (Kind.WEEKS, 1, 1, "in a week|in a week or so|in about a week|in one week"),
    (Kind.WEEKS, 2, "week after next|the week after next|in a couple of weeks|in a fortnight|in couple weeks"),
    (Kind.WEEKEND, 0, "weekend|the weekend"),
    (Kind.WEEKEND, 0, 1, "this weekend|coming weekend|this coming weekend"),
    (Kind.WEEKEND, 1, "next weekend|following weekend|the following weekend"),
    (Kind.WEEKEND, 2, "weekend after next|the weekend after next"),
    (Kind.MONTHS, 0, "this month|the month|month"),
    (Kind.MONTHS, 1, "next month|following month|the following month|in a month|a month from now"),
    (Kind.MONTHS, 2, "month after next|the month after next"),
    (Kind.STRETCH, 0, "beginning of|the beginning of|start of|the start of"),
    (Kind.STRETCH, 1, "middle of|the middle of|mid|halfway through"),
    (Kind.STRETCH, 2, "end of|the end of|towards the end of|toward the end of"),
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
        "my current slot|my current one|my current time|my existing one|the one i have|the one i ve got|"
        "the one i have now|the one i already have|the appointment i have|the appointment i already have|"
        "what i have|what i have now|what i ve got|the current one|the current appointment|the existing one|"
        "the existing appointment|my scheduled appointment|when i m booked|my original appointment"),
    (Kind.PART, *MORNING, "morning|mornings|forenoon|before lunch|before lunchtime"),
    (Kind.PART, 0, 600, "early morning|early in the morning|early mornings|bright and early"),
    (Kind.PART, 600, 720, "late morning|mid morning|midmorning|late in the morning|later in the morning"),
    (Kind.PART, *AFTERNOON, "afternoon|afternoons"),
    (Kind.PART, 720, 900, "early afternoon|early in the afternoon|early afternoons"),
    (Kind.PART, 840, 960, "mid afternoon|midafternoon|the middle of the afternoon"),
    (Kind.PART, 900, 1080, "late afternoon|late in the afternoon|later in the afternoon|late afternoons"),
    (Kind.PART, 1020, 1140, "early evening|early evenings|early in the evening"),
    (Kind.PART, *EVENING, "evening|evenings|night|nights|after work|at night|after hours"),
    (Kind.PART, *LUNCH, "lunch|lunchtime|lunch time|over lunch|around lunch|around lunchtime|at lunch|at lunchtime|"
        "lunch hour|during lunch|midday ish"),
    (Kind.PART, 780, 1440, "after lunch|after lunchtime"),
    (Kind.OPENING, 0, "first thing|first thing in the morning|first thing in the day|the first thing|"
        "when you open|as soon as you open|right when you open|right after you open|at opening|at opening time|"
        "the first slot of the day|first slot of the day|first appointment of the day|"
        "the first appointment of the day|start of the day|the start of the day|start of day|"
        "the beginning of the day|beginning of the day|the earliest slot of the day"),
    (Kind.CLOSING, 0, "last thing|last thing in the day|the last thing|end of the day|the end of the day|"
        "at the end of the day|end of day|before you close|just before you close|right before you close|"
        "before closing|just before closing|right before closing|before closing time|at closing time|"
        "the last slot of the day|last slot of the day|last appointment of the day|"
        "the last appointment of the day|close of business|late in the day|later in the day"),
    (Kind.AM, 0, "am|a m|antemeridiem"),
    (Kind.PM, 0, "pm|p m"),
    (Kind.OCLOCK, 0, "o clock|oclock|h|ish|hundred|hundred hours|or thereabouts"),
    (Kind.NOON, 0, "noon|midday|mid day|12 noon|twelve noon|noonish|noontime"),
    (Kind.MIDNIGHT, 0, "midnight"),
    (Kind.PAST, 30, "half past|half"),
    (Kind.PAST, 15, "quarter past|a quarter past|quarter after|a quarter after"),
    (Kind.PAST, -15, "quarter to|a quarter to|quarter of|a quarter of|quarter till|a quarter till"),
    *numbered(Kind.ADD, "oh one|o one, oh two|o two, oh three|o three, oh four|o four, oh five|o five, oh six|o six, "
        "oh seven|o seven, oh eight|o eight, oh nine|o nine"),
    (Kind.AT, 0, "at|around|about|at around|at about|roughly|approximately|at approximately|somewhere around|"
        "close to"),
    (Kind.AFTER, 0, "after|right after|just after|straight after|shortly after|soon after|later than|past|"
        "any later than|later on than|beyond"),
    (Kind.FROM, 0, "from|starting|starting from|starting at|starting on|since|beginning|beginning on|as of|"
        "not before|no earlier than|not earlier than|no sooner than|not sooner than|not until|not till|"
        "anything from|at the earliest|on or after"),
    (Kind.BEFORE, 0, "before|right before|just before|shortly before|earlier than|sooner than|prior to|ahead of"),
    (Kind.BY, 0, "by|at the latest|until|till|til|through|thru|no later than|not later than|not after|up to|"
        "up until|on or before|no later"),
    (Kind.BETWEEN, 0, "between|in between"),
    (Kind.WITHIN, 0, "within"),
    (Kind.IN, 0, "in|from now"),
    (Kind.NOT, 0, "not|neither|no|except|except for|except on|anything but|any day but|any day but not|any day except|"
        "any time but|anytime but|any day other than|anything other than|other than|apart from|aside from|but not|"
        "just not|but no|and not|never|not on|not on a|excluding|besides|without|can t do|cannot do|can t make|"
        "cannot make|cant do|cant make|can t|cannot|can t come|not in|not available|not free|not able|"
        "doesn t work|does not work|doesnt work|"
        "don t work|do not work|dont work|wont work|is bad|are bad|bad|is out|are out|won t work|"
        "will not work|isn t good|is not good|is no good|no good|"
        "don t want|do not want|not good|isn t possible|every day but|every day except|everyday but|everyday except"),
    (Kind.BUT, 0, "but"),
    (Kind.AND, 0, "and|as well as"),
    (Kind.TO, 0, "to"),
    (Kind.OR, 0, "or|nor|either|or maybe|or perhaps|or even|or else|or on|or possibly"),
    (Kind.CORRECTION, 0, "no wait|wait no|i mean|i meant|no sorry|sorry no|no actually|scratch that|no make that|"
        "make that|or rather|correction|wait"),
    (Kind.AGO, 0, "ago"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
SAME = {
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
