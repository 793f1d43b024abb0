"""Text messages: the tool that asks for one, the relay from the table's stream to the queue, and the queue's worker."""

from __future__ import annotations

from typing import Any

from functions.sms_confirm.schemas import Effect
from slotline import bootstrap
from slotline.domain.calls import Tool
from slotline.runtime.contracts import SendConfirmation
from slotline.runtime.outbox_relay import relay, work_off
from slotline.runtime.tool_endpoint import ToolEndpoint
from slotline.runtime.tools import ToolRoom
from slotline.use_cases.confirmation import send_confirmation

ROOMS = [ToolRoom(Tool.SEND_CONFIRMATION, SendConfirmation, send_confirmation)]

endpoint = ToolEndpoint(bootstrap.house, ROOMS)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a tool call, pass on new effects, or carry effects out."""
    if "requestContext" in event:
        return endpoint(event, context)
    here = bootstrap.house()
    if event["Records"][0]["eventSource"] == "aws:dynamodb":
        return relay(event, queue=here.queue, queue_url=here.settings.messages_queue)
    return work_off(event, read=Effect.model_validate_json, desk=here.effects)
