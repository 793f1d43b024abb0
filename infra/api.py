"""The one HTTP surface: which route goes to which function, and how often it may be asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.checks import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.settings import Settings, Throttle
    from infra.tool_function import ToolFunction

AGENT_ROUTE = "POST /v1/{business}/{agent}/"
SMS_ROUTE = "POST /v1/sms/{business}/"
CALENDAR_ROUTE = "POST /v1/webhooks/{business}/{calendar}"
PUBLIC_ROUTES = ("GET /v1/health", "GET /v1/openapi.json")
MCP_PATH = "/v1/{business}/{agent}/mcp"
# RFC 9728: clients of MCP look here for what a credential is good for.
METADATA_ROUTE = f"GET /.well-known/oauth-protected-resource{MCP_PATH}"
OPEN_ROUTES = (*PUBLIC_ROUTES, METADATA_ROUTE)

ROUTES: Mapping[str, tuple[str, ...]] = {
    "availability": (AGENT_ROUTE + "check_availability", *PUBLIC_ROUTES),
    "booking": (
        AGENT_ROUTE + "hold_slot",
        AGENT_ROUTE + "book_appointment",
        AGENT_ROUTE + "find_appointments",
        AGENT_ROUTE + "reschedule_appointment",
        AGENT_ROUTE + "cancel_appointment",
    ),
    "sms_confirm": (AGENT_ROUTE + "send_confirmation",),
    # Older clients ask for a stream and end a session; the function tells them that there is neither.
    "mcp": (AGENT_ROUTE + "mcp", f"GET {MCP_PATH}", f"DELETE {MCP_PATH}", METADATA_ROUTE),
    "webhook": (SMS_ROUTE + "status", SMS_ROUTE + "inbound", CALENDAR_ROUTE, AGENT_ROUTE + "events"),
}

# A route is called after the end of its path, where that is not the end of another one too.
_NAMES = {f"GET {MCP_PATH}": "mcp-get", f"DELETE {MCP_PATH}": "mcp-delete", METADATA_ROUTE: "mcp-metadata"}

# Who called, and about what, stays out: no address, no query string, no user agent, no path values.
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "functionMilliseconds": "$context.integrationLatency",
    "error": "$context.error.responseType",
    "functionError": "$context.integrationErrorMessage",
}


class Api(Construct):
    """The HTTP API without routes; `serve` adds them, once the functions that need its address exist."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.http = apigatewayv2.HttpApi(
            self,
            "Http",
            api_name=settings.stack_name,
            create_default_stage=False,
            description=f"Slotline {settings.stage}",
        )

    @property
    def url(self) -> str:
        """The API's own address, without a slash at the end."""
        return self.http.api_endpoint

    @property
    def public_url(self) -> str:
        """The address that callers and platforms know."""
        return self._settings.public_url or self.url

    def serve(self, tools: Mapping[str, ToolFunction]) -> None:
        """Send every route to its function, and open the API."""
        routes: list[apigatewayv2.HttpRoute] = []
        throttles: dict[str, Throttle] = {}
        for tool, keys in ROUTES.items():
            throttles |= {key: self._throttle(key) for key in keys}
            integration = integrations.HttpLambdaIntegration(
                f"{tool}-integration",
                tools[tool].function,
                payload_format_version=apigatewayv2.PayloadFormatVersion.VERSION_2_0,
            )
            routes += [self._route(key, integration) for key in keys]
        self._open(routes, throttles)

    def _throttle(self, key: str) -> Throttle:
        return self._settings.public_throttle if key in OPEN_ROUTES else self._settings.tool_throttle

    def _route(self, key: str, integration: integrations.HttpLambdaIntegration) -> apigatewayv2.HttpRoute:
        method, path = key.split()
        route = apigatewayv2.HttpRoute(
            self,
            _NAMES.get(key) or key.rsplit("/", 1)[1].strip("{}"),
            http_api=self.http,
            integration=integration,
            route_key=apigatewayv2.HttpRouteKey.with_(path, apigatewayv2.HttpMethod[method]),
        )
        reason = (
            "It says only that the API is up, what its tools are, and how a credential is sent."
            if key in OPEN_ROUTES
            else "The function itself proves who calls: a platform's signature covers the raw body, which no authorizer"
            " is given, and an authorizer would be a second cold start while a caller waits."
        )
        acknowledge(route, {"AwsSolutions-APIG4": reason})
        return route

    def _open(self, routes: list[apigatewayv2.HttpRoute], throttles: Mapping[str, Throttle]) -> None:
        settings = self._settings
        access_log = logs.LogGroup(
            self, "AccessLog", retention=settings.log_retention, removal_policy=settings.removal_policy
        )
        stage = apigatewayv2.CfnStage(
            self,
            "Stage",
            api_id=self.http.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=access_log.log_group_arn, format=json.dumps(_LOGGED)
            ),
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=settings.api_throttle.rate,
                throttling_burst_limit=settings.api_throttle.burst,
            ),
            route_settings={key: _limits(throttle) for key, throttle in throttles.items()},
        )
        # A stage that names a route's limits is refused until the route exists.
        stage.node.add_dependency(*routes)


def _limits(throttle: Throttle) -> dict[str, object]:
    """Say it as CloudFormation does: a map with routes for keys is passed through as it stands."""
    return {
        "ThrottlingRateLimit": throttle.rate,
        "ThrottlingBurstLimit": throttle.burst,
    }
