"""All tools on one URL, for agents that speak the Model Context Protocol."""

from __future__ import annotations

from slotline import bootstrap
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.platforms.mcp import Mcp
from slotline.runtime.tool_endpoint import ToolEndpoint

CONTRACTS = [room.contract for room in ROOMS]


def dialect() -> Mcp:
    """One request's worth of MCP."""
    return Mcp(CONTRACTS, public_url=bootstrap.house().settings.public_url)


lambda_handler = ToolEndpoint(bootstrap.house, ROOMS, own=dialect)
