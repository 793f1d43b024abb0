"""The HTTP surface: routes, limits, and what is written about a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.infra.synthesis import Assembly

pytestmark = pytest.mark.infra

ROUTES: Mapping[str, str] = {
    "POST /v1/{business}/{agent}/check_availability": "availability",
    "POST /v1/{business}/{agent}/hold_slot": "booking",
    "POST /v1/{business}/{agent}/book_appointment": "booking",
    "POST /v1/{business}/{agent}/find_appointments": "booking",
    "POST /v1/{business}/{agent}/reschedule_appointment": "booking",
    "POST /v1/{business}/{agent}/cancel_appointment": "booking",
    "POST /v1/{business}/{agent}/send_confirmation": "sms_confirm",
    "POST /v1/{business}/{agent}/events": "webhook",
    "POST /v1/{business}/{agent}/mcp": "mcp",
    "GET /v1/{business}/{agent}/mcp": "mcp",
    "DELETE /v1/{business}/{agent}/mcp": "mcp",
    "GET /.well-known/oauth-protected-resource/v1/{business}/{agent}/mcp": "mcp",
    "POST /v1/sms/{business}/status": "webhook",
    "POST /v1/sms/{business}/inbound": "webhook",
    "POST /v1/webhooks/{business}/{calendar}": "webhook",
    "GET /v1/health": "availability",
    "GET /v1/openapi.json": "availability",
}


def test_every_route_leads_to_its_function(prod: Assembly) -> None:
    integrations = prod.of_type("AWS::ApiGatewayV2::Integration")
    function_ids = {prod.function_id(tool): tool for tool in prod.tools()}

    found = {}
    for route in prod.properties("AWS::ApiGatewayV2::Route"):
        integration = integrations[route["Target"]["Fn::Join"][1][1]["Ref"]]["Properties"]
        assert integration["PayloadFormatVersion"] == "2.0"
        found[route["RouteKey"]] = function_ids[integration["IntegrationUri"]["Fn::GetAtt"][0]]

    assert found == ROUTES


def test_every_route_has_its_own_limit_below_the_stage_limit(prod: Assembly) -> None:
    stage = prod.the_only("AWS::ApiGatewayV2::Stage")
    overall = stage["DefaultRouteSettings"]

    assert stage["RouteSettings"].keys() == ROUTES.keys()
    for limit in stage["RouteSettings"].values():
        assert 0 < limit["ThrottlingRateLimit"] < overall["ThrottlingRateLimit"]
        assert 0 < limit["ThrottlingBurstLimit"] < overall["ThrottlingBurstLimit"]


def test_the_stage_waits_for_the_routes_whose_limits_it_names(prod: Assembly) -> None:
    (stage,) = prod.of_type("AWS::ApiGatewayV2::Stage").values()

    assert prod.of_type("AWS::ApiGatewayV2::Route").keys() <= set(stage["DependsOn"])


def test_the_access_log_tells_nothing_about_the_caller(prod: Assembly) -> None:
    log = json.loads(prod.the_only("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"])

    assert set(log.values()) == {
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.routeKey",
        "$context.status",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.error.responseType",
        "$context.integrationErrorMessage",
    }


def test_functions_know_the_public_address(prod: Assembly) -> None:
    for tool in prod.tools():
        address = prod.function(tool)["Environment"]["Variables"]["SLOTLINE_PUBLIC_URL"]
        assert address["Fn::GetAtt"][1] == "ApiEndpoint"
