"""The fake Cal.com without a socket: an httpx transport on a clock of its own, for unit tests and simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slotline.ports import Clock
    from tests.servers.calcom_api import Answer, CalcomApi


def transport(api: CalcomApi, *, clock: Clock) -> httpx.MockTransport:
    """Answers of the API; waiting moves the clock, and what outlasts the client's patience is a read time-out."""

    def handle(request: httpx.Request) -> httpx.Response:
        answer = api.answer(
            request.method, request.url.raw_path.decode(), dict(request.headers.items()), request.content
        )
        patience: float = request.extensions["timeout"]["read"]
        if answer.delay >= patience:
            clock.sleep(patience)
            raise httpx.ReadTimeout("no answer", request=request)
        clock.sleep(answer.delay)
        if answer.later is not None:
            api.settle()
            answer = answer.later()
        if answer.drop:
            raise httpx.RemoteProtocolError("closed without an answer", request=request)
        if answer.drip:
            return httpx.Response(answer.status, headers=answer.headers, stream=_Drip(answer, clock))
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    return httpx.MockTransport(handle)


class _Drip(httpx.SyncByteStream):
    def __init__(self, answer: Answer, clock: Clock) -> None:
        self._answer, self._clock = answer, clock

    def __iter__(self) -> Iterator[bytes]:
        for byte in self._answer.body:
            self._clock.sleep(self._answer.drip)
            yield bytes((byte,))
