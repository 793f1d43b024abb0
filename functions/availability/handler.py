"""check_availability, and what tells a newcomer that the deployment is alive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slotline import bootstrap
from slotline.domain.calls import HttpResponse, Tool
from slotline.runtime.contracts import CheckAvailability
from slotline.runtime.http_event import http_event_reply
from slotline.runtime.tool_endpoint import ToolEndpoint
from slotline.runtime.tools import ToolRoom
from slotline.use_cases.availability import check_availability

ROOMS = [
    ToolRoom(Tool.CHECK_AVAILABILITY, CheckAvailability, check_availability),
]
OPENAPI = Path(__file__).with_name("openapi.json")

endpoint = ToolEndpoint(bootstrap.house, ROOMS)
pages = {"/v1/health": '{"status": "ok"}', "/v1/openapi.json": OPENAPI.read_text()}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one HTTP request, or get ready for those of a call that begins."""
    if "warm" in event:
        from slotline.bootstrap.warm_up import warm_up

        here = bootstrap.house()
        ends = here.clock.now() + context.get_remaining_time_in_millis() / 1000
        return dict(warm_up(here, event, ends=ends, every_service=True))
    page = pages.get(event["rawPath"])
    return endpoint(event, context) if page is None else http_event_reply(HttpResponse(200, page))
