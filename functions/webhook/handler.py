"""What others tell us unasked: how far texts got, what is answered, that a calendar changed, a call began or ended."""

from __future__ import annotations

from html import escape

from functions.webhook.schemas import ReplyForm, StatusForm
from slotline import bootstrap
from slotline.bootstrap import House
from slotline.bootstrap.calendar_work import CalendarWork
from slotline.bootstrap.call_work import CallWork
from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.runtime.call_events import LARGEST_EVENT_BODY
from slotline.runtime.webhook_endpoint import Hook, WebhookEndpoint

LARGEST_SMS_BODY = 16_384
LARGEST_CALENDAR_BODY = 262_144
PATIENCE_SECONDS = 3.0
"""Microsoft takes what is answered later for an endpoint that does not work."""

TWIML = {"content-type": "text/xml; charset=utf-8"}


def sms_status(here: House, request: HttpRequest) -> HttpResponse:
    """Keep a delivery report."""
    business = here.config.business(request.parameters["business"])
    form = StatusForm.model_validate(here.twilio_signature(business).proved(request))
    here.sms_events(business).reported(form.report(key=request.query.get("key", "")))
    return HttpResponse(204, "", {})


def sms_inbound(here: House, request: HttpRequest) -> HttpResponse:
    """Heed a reply, and answer it where an answer helps: TwiML, https://www.twilio.com/docs/messaging/twiml."""
    business = here.config.business(request.parameters["business"])
    form = ReplyForm.model_validate(here.twilio_signature(business).proved(request))
    answer = here.sms_events(business).received(form.reply())
    body = f"<Response><Message>{escape(answer, quote=False)}</Message></Response>" if answer else "<Response/>"
    return HttpResponse(200, body, TWIML)


def calendar(here: House, request: HttpRequest) -> HttpResponse:
    """Queue what a calendar says; it is worked off where nobody waits."""
    return CalendarWork(here, here.clock.now() + PATIENCE_SECONDS).receive(request).response


def call(here: House, request: HttpRequest) -> HttpResponse:
    """Answer an event about a call."""
    return CallWork(here).heard(request)


HOOKS = {
    "POST /v1/sms/{business}/status": Hook(sms_status, LARGEST_SMS_BODY),
    "POST /v1/sms/{business}/inbound": Hook(sms_inbound, LARGEST_SMS_BODY),
    "POST /v1/webhooks/{business}/{calendar}": Hook(calendar, LARGEST_CALENDAR_BODY),
    "POST /v1/{business}/{agent}/events": Hook(call, LARGEST_EVENT_BODY),
}

lambda_handler = WebhookEndpoint(bootstrap.house, HOOKS)
