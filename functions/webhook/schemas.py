"""The contracts of the SMS webhooks: the few of Twilio's form fields that are read. More may come at any time.

Reports: https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks. Replies:
https://www.twilio.com/docs/messaging/guides/webhook-request.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from slotline.domain.opt_out import Meaning
from slotline.use_cases.sms_events import StatusReport, TextReply

MessageSid = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{2,64}$")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", str_max_length=4096)


class StatusForm(_Form):
    """How far a message got."""

    sid: Annotated[MessageSid, Field(alias="MessageSid")]
    status: Annotated[str, Field(alias="MessageStatus", pattern=r"^[a-z_-]{1,32}$")]
    code: Annotated[str, Field(alias="ErrorCode", pattern=r"^[0-9]{0,9}$")] = ""
    to: Annotated[str, Field(alias="To", max_length=64)] = ""

    def report(self, *, key: str) -> StatusReport:
        """The report about the message of this key."""
        return StatusReport(key, self.sid, self.status, int(self.code) if self.code else None, self.to)


class ReplyForm(_Form):
    """A text message to one of the business's numbers. `OptOutType` comes with Twilio's Advanced Opt-Out."""

    sid: Annotated[MessageSid, Field(alias="MessageSid")]
    sender: Annotated[str, Field(alias="From", min_length=1, max_length=64)]
    body: Annotated[str, Field(alias="Body")] = ""
    opt_out_type: Annotated[str, Field(alias="OptOutType")] = ""

    def reply(self) -> TextReply:
        """The message in our words."""
        sorted_as = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}.get(self.opt_out_type.upper())
        return TextReply(self.sid, self.sender, self.body, sorted_as)
