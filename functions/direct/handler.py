"""All tools for the AWS services that invoke a function themselves: Connect, Lex, Bedrock agents, AgentCore."""

from __future__ import annotations

from slotline import bootstrap
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.runtime.direct_endpoint import DirectEndpoint

lambda_handler = DirectEndpoint(bootstrap.house, ROOMS)
