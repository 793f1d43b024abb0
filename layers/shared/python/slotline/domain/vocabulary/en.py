"""English words for days and times, folded."""

from __future__ import annotations

from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Kind, Row, numbered

ROWS: tuple[Row, ...] = (
    (Kind.FILLER, 0, "please|um|uh|uhm|er|hmm|maybe|perhaps|on|in|of|a|an|for|i|id|d|like|would|want|wanna|need|"
        "me|my|"
        "something|some|time|sometime|day|date|it|is|s|be|could|can|do|you|have|appointment|appointments|slot|slots|"
        "opening|openings|available|availability|free|then|just|so|well|ok|okay|yes|only|if|possible|later|early|ish|"
        "year|now|or so|sharp|exactly|anything|during|thanks|thank you|lets|let|say|how about|what about|book|come|"
        "may i|schedule|fine|is fine|are|with me|from now|from now on|preferably|ideally|prefer|works|work|good|"
        "best|there|we|morning time"),
    (Kind.ARTICLE, 0, "the|the day of"),
    (Kind.ANY, 0, "any|anytime|any time|any day|whenever|soon|asap|as soon as possible|as soon as you can|soonest|"
        "earliest|earliest possible|first available|next available|next opening|next possible|the first one|"
        "no preference|doesn t matter|does not matter|doesnt matter|dont care|don t care|flexible|whatever|open"),
    (Kind.OFFSET, 0, "today|todays"),
    (Kind.OFFSET, 1, "tomorrow|tomorow|tommorrow|tommorow|tmrw|tmr|next day"),
    (Kind.OFFSET, 2, "day after tomorrow|the day after tomorrow|overmorrow"),
    (Kind.OFFSET, -1, "yesterday"),
    *numbered(Kind.WEEKDAY, "monday|mon|mondays, tuesday|tue|tues|tuesdays, wednesday|wed|weds|wednesdays, "
        "thursday|thu|thur|thurs|thursdays, friday|fri|fridays, saturday|sat|saturdays, sunday|sun|sundays", start=0),
    (Kind.NEXT, 0, "next|following"),
    (Kind.THIS, 0, "this"),
    (Kind.COMING, 0, "coming|this coming|upcoming|this upcoming"),
    (Kind.PLUS_WEEK, 0, "a week from|one week from|a week on|week from"),
    (Kind.WEEKS, 0, "this week|later this week|the week"),
    (Kind.WEEKS, 1, "next week|following week|coming week|in a week|one week from now|a week from now|"
        "a week from today"),
    (Kind.WEEKS, 2, "week after next|the week after next|in a couple of weeks|in a fortnight"),
    (Kind.WEEKEND, 0, "weekend|this weekend|the weekend|coming weekend|this coming weekend"),
    (Kind.WEEKEND, 1, "next weekend|following weekend"),
    (Kind.MONTHS, 0, "this month|later this month"),
    (Kind.MONTHS, 1, "next month|following month"),
    (Kind.WEEK_UNIT, 0, "week|weeks"),
    (Kind.DAY_UNIT, 0, "days"),
    (Kind.DAY_UNIT, 1, "1 day|one day"),
    *numbered(Kind.MONTH, "january|jan, february|feb, march|mar, april|apr, may, june|jun, july|jul, august|aug, "
        "september|sep|sept, october|oct, november|nov, december|dec"),
    *numbered(Kind.NUMBER, "one, two|couple of|a couple of, three, four, five, six, seven, eight, nine, ten, eleven, "
        "twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, twenty one, "
        "twenty two, "
        "twenty three, twenty four, twenty five, twenty six, twenty seven, twenty eight, twenty nine, thirty"),
    (Kind.NUMBER, 40, "forty"),
    (Kind.NUMBER, 45, "forty five"),
    (Kind.NUMBER, 50, "fifty"),
    *numbered(Kind.ORDINAL, "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, "
        "twelfth, "
        "thirteenth, fourteenth, fifteenth, sixteenth, seventeenth, eighteenth, nineteenth, twentieth, twenty first, "
        "twenty second, twenty third, twenty fourth, twenty fifth, twenty sixth, twenty seventh, twenty eighth, "
        "twenty ninth, thirtieth, thirty first"),
    (Kind.PART, *MORNING, "morning|mornings|forenoon|before lunch"),
    (Kind.PART, 0, 600, "early morning|early in the morning|first thing|first thing in the morning"),
    (Kind.PART, 600, 720, "late morning|mid morning"),
    (Kind.PART, *AFTERNOON, "afternoon|afternoons"),
    (Kind.PART, 720, 900, "early afternoon"),
    (Kind.PART, 900, 1080, "late afternoon|end of the day|end of day"),
    (Kind.PART, *EVENING, "evening|evenings|night|after work"),
    (Kind.PART, *LUNCH, "lunch|lunchtime|lunch time|over lunch|around lunch"),
    (Kind.PART, 780, 1440, "after lunch"),
    (Kind.AM, 0, "am|antemeridiem"),
    (Kind.PM, 0, "pm"),
    (Kind.OCLOCK, 0, "o clock|oclock|hours|h"),
    (Kind.NOON, 0, "noon|midday|mid day|12 noon|twelve noon"),
    (Kind.MIDNIGHT, 0, "midnight"),
    (Kind.PAST, 30, "half past|half"),
    (Kind.PAST, 15, "quarter past|a quarter past|quarter after"),
    (Kind.PAST, -15, "quarter to|a quarter to|quarter of"),
    (Kind.PAST, 10, "ten past"),
    (Kind.PAST, 20, "twenty past"),
    (Kind.PAST, -10, "ten to"),
    (Kind.PAST, -20, "twenty to"),
    (Kind.AT, 0, "at|around|about|at around|at about|roughly"),
    (Kind.AFTER, 0, "after|later than|past|not before|no earlier than"),
    (Kind.FROM, 0, "from|starting|starting from|starting at|since|beginning"),
    (Kind.BEFORE, 0, "before|earlier than"),
    (Kind.BY, 0, "by|until|till|through|thru|no later than|not later than|not after|up to"),
    (Kind.BETWEEN, 0, "between"),
    (Kind.AND, 0, "and|to"),
    (Kind.OR, 0, "or|either"),
)  # fmt: skip

# Phrases that stand for several meanings at once, told in simpler words.
SAME = {
    "tonight": "today evening",
    "tomorrow night": "tomorrow evening",
    "this morning": "today morning",
    "this afternoon": "today afternoon",
    "this evening": "today evening",
    "later today": "today",
}
