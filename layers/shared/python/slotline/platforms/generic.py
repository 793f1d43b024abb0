"""Plain HTTPS: the body is the arguments, the URL names the tool, headers tell about the call.

For integrators' own code (LiveKit, Pipecat) and for platforms whose requests can be shaped. The headers are set by the
integrator, out of the model's reach, and are trusted with the credential.
"""

from __future__ import annotations

from slotline.platforms.flat import Flat
from slotline.ports import Dialect

DIALECTS: dict[str, Dialect] = {"args_only": Flat("generic", deadline_seconds=20.0)}
