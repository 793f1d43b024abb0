"""English."""

from __future__ import annotations

from slotline.domain.catalogue import Language

_PHRASES = {
    # availability
    "offers": "For {service} I have {offers}. Which would you like?",
    "offers_after_taken": "That one has just gone. I can still offer {offers}.",
    "none_day_closed": "I have nothing for {when}, because we're closed. Which other day would suit you?",
    "none_day_closed_nearest": "We're closed then, so I have nothing for {when}. The nearest I have is {offers}.",
    "none_staff_away": "{staff} isn't in then, so I have nothing for {when}. Which other day would suit you?",
    "none_staff_away_nearest": "{staff} isn't in then, so I have nothing for {when}. The nearest I have is {offers}.",
    "none_full": "I have nothing free for {when}. Shall I look at another day?",
    "none_full_nearest": "I have nothing free for {when}. The nearest I have is {offers}.",
    "none_too_soon": "That's too short notice for us, so I have nothing for {when}. Shall I look a little later?",
    "none_too_soon_nearest": "That's too short notice for us. Instead of {when} I can offer {offers}.",
    "none_too_far": "We don't plan that far ahead yet, so I have nothing for {when}. Shall I look at something sooner?",
    "none_too_far_nearest": "We don't plan as far ahead as {when} yet. I can offer {offers}.",
    "none_past": "That has already passed: I can't offer anything for {when}. Which other day would suit you?",
    "none_past_nearest": "That has already passed. Instead of {when} I can offer {offers}.",
    "provider_down": "I can't see the calendar at the moment. Shall someone call you back?",
    "provider_down_transfer": "I can't see the calendar at the moment. "
    "Someone can help you at {transfer}; shall I put you through?",
    # holding and making an appointment
    "held": "I'm keeping {time} for you for a moment. Shall I go ahead?",
    "already_held": "I'm still keeping {time} for you. Shall I go ahead?",
    "hold_failed": "I couldn't keep that time just now. Shall I try once more?",
    "expired_hold": "I couldn't keep that time for you any longer. Shall I look again?",
    "expired_hold_offers": "I couldn't keep that time for you any longer. I can offer {offers}.",
    "booked": "You're booked for {time}. I'm texting you the details.",
    "booked_no_text": "You're booked for {time}.",
    "booked_already": "You already have {time}; nothing was booked twice.",
    "requested": "I've requested {time}; {business} will confirm by text.",
    "requested_no_text": "I've requested {time}; {business} will get back to you.",
    "requested_already": "I've already requested {time}; {business} still has to confirm it.",
    "pending": "I've reserved {time} and sent it to the calendar. You'll get a text within a few minutes. "
    "Nobody else can take it.",
    "pending_no_text": "I've reserved {time} and sent it to the calendar, which hasn't answered yet. "
    "Nobody else can take it.",
    "pending_move": "I've asked the calendar to change {old} to {time}. You'll get a text within a few minutes.",
    "pending_move_no_text": "I've asked the calendar to change {old} to {time}, and it hasn't answered yet.",
    "pending_again": "{time} is still reserved for you; the calendar hasn't answered yet. "
    "You'll get a text as soon as it does.",
    "pending_again_no_text": "{time} is still reserved for you; the calendar hasn't answered yet.",
    "taken": "That time isn't free any more. Which other time would suit you?",
    "taken_offers": "That time isn't free any more. I can offer {offers}.",
    "not_free": "That time isn't free. Which other time would suit you?",
    "not_free_offers": "That time isn't free. I can offer {offers}.",
    "not_done": "I couldn't reach the calendar, so nothing was done. Shall someone call you back?",
    "not_done_transfer": "I couldn't reach the calendar, so nothing was done. Someone can help you at {transfer}; "
    "shall I put you through?",
    "unsure": "Something went wrong on my side, and I don't know yet whether that worked. "
    "Please ask me again in a moment.",
    "unsure_transfer": "Something went wrong on my side, and I don't know yet whether that worked. "
    "Please ask me again in a moment, or call {transfer}.",
    # changing one
    "moved": "Done: you're booked for {time} instead of {old}. I'm texting you the details.",
    "moved_no_text": "Done: you're booked for {time} instead of {old}.",
    "move_same": "Your appointment is already on {time}, so nothing had to change.",
    "move_taken": "That time is taken; you still have {old}. Which other time would suit you?",
    "move_taken_offers": "That time is taken; you still have {old}. I can offer {offers}.",
    "not_changed": "I couldn't change anything just now, so your appointment is as it was. "
    "Shall someone call you back?",
    "not_changed_transfer": "I couldn't change anything just now, so your appointment is as it was. "
    "Someone can help you at {transfer}; shall I put you through?",
    "cancel_confirm": "Shall I cancel your appointment on {time}?",
    "cancelled": "Your appointment on {time} is cancelled.",
    "cancelled_already": "That appointment was already cancelled.",
    "cancel_pending": "I've asked to cancel {time}; the text will tell you when it's done.",
    "cancel_pending_no_text": "I've asked to cancel {time}; the calendar hasn't answered yet.",
    "gone": "I don't see that appointment in the calendar any more.",
    "found_one": "You have {appointment}.",
    "found_many": "You have {appointments}. Which one is it about?",
    "none_found": "I don't see an upcoming appointment for you.",
    "needs_verification": "I can't look into appointments without knowing who is calling. Please call from the number "
    "the appointment was made with.",
    "needs_verification_transfer": "I can't do that without knowing who is calling. "
    "Someone can help you at {transfer}; "
    "shall I put you through?",
    "code_sent": "A text with a six-digit code is on its way to the number you're calling from. "
    "Please read the code to me.",
    "code_sent_again": "That code is no longer good. A text with a new six-digit code is on its way "
    "to the number you're "
    "calling from. Please read it to me.",
    "code_wrong": "That isn't the code I sent. Could you read me the six digits once more?",
    "code_unclear": "I need all six digits of the code. Could you read them to me once more?",
    "code_failed": "That wasn't the code either, so I can't look into appointments in this call. Please call us again.",
    "code_failed_transfer": "That wasn't the code either, so I can't look into appointments in this call. "
    "Someone can help you at {transfer}; shall I put you through?",
    "code_limit": "I can't send another code to that number just now, so I can't look into appointments in this call.",
    "code_limit_transfer": "I can't send another code to that number just now. Someone can help you at {transfer}; "
    "shall I put you through?",
    "code_unsendable": "I'd need to send a code to the number you're calling from, and I can't send texts to it. "
    "So I can't look into appointments in this call.",
    "code_unsendable_transfer": "I'd need to send a code to the number you're calling from, and I can't send "
    "texts to it. "
    "Someone can help you at {transfer}; shall I put you through?",
    # asking again
    "needs_name": "What name should I put it under?",
    "needs_email": "What's your e-mail address?",
    "needs_phone": "What's the best phone number for you?",
    "needs_field": "I still need {field}.",
    "bad_name": "I didn't catch the name. Could you say it once more?",
    "bad_email": "That e-mail address doesn't look complete. Could you spell it for me?",
    "bad_phone": "That doesn't look like a phone number I can use. Could you say it once more, with the area code?",
    "clarify_service": "What is it for: {services}?",
    "clarify_staff": "Who would you like to see: {staff}?",
    "clarify_when": "Which day would you like? You can say, for example, tomorrow morning or next Tuesday.",
    "clarify_when_two": "Do you mean {first} or {second}?",
    "clarify_past": "That has already passed. Which day would you like?",
    "clarify_year": "That date has already passed. Do you mean {time}?",
    "clarify_gap": "The clocks change that night, so there is no {time}. Which other time would suit you?",
    "clarify_time": "What time would you like? Please say whether it's in the morning or the afternoon.",
    "clarify_time_two": "Do you mean {first} or {second}?",
    "clarify_slot": "Which of the times I offered would you like?",
    "clarify_appointment": "Which appointment do you mean: {appointments}?",
    "clarify_request": "Something changed while I was working on that. Could you tell me once more what you'd like?",
    "clarify_arguments": "I didn't understand {field}. Could you say it once more?",
    # text messages
    "sms_sent": "I've sent a text with the details to the number ending in {phone}.",
    "sms_refused_opted_out": "That number has asked not to get texts from us, so I didn't send one.",
    "sms_refused_no_phone": "I don't have a number to text. Which number may I use?",
    "sms_refused_bad_phone": "I can't send a text to that number. Which other number may I use?",
    "sms_refused_limit": "I've already sent that text, so I won't send another one just now.",
    "sms_refused_no_booking": "I don't see an appointment that I could text you about.",
    "sms_refused_foreign": "I can only send texts to numbers in this country.",
    "sms_refused_not_configured": "I can't send texts from here, but I can tell you the details again.",
}  # fmt: skip

_FIELDS = {
    "name": "your name", "email": "your e-mail address", "phone": "your phone number", "notes": "the notes",
    "service": "what it is for", "when": "the day", "date": "the date", "time": "the time", "slot_id": "the time",
    "after": "the time", "part_of_day": "the part of the day", "staff": "who you'd like to see", "more": "that",
    "appointment": "which appointment it is", "code": "the code", "confirm": "your answer",
}  # fmt: skip

LANGUAGE = Language(
    appointment="{service} on {time}",
    appointment_with="{service} with {staff} on {time}",
    moment_with="{time} with {staff}",
    appointment_unsettled="{appointment}, not confirmed yet",
    phrases=_PHRASES,
    fields=_FIELDS,
    at="at {}".format,
    again="{}".format,
    joiners={"or": " or ", "and": " and "},
    last_joiners={"or": ", or ", "and": ", and "},
    others={"or": "something else", "and": "more"},
)
