"""The Twilio sender over real connections: what a dropped, slow or absent server does to it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from slotline.adapters.sms.twilio import TwilioSender, open_client
from slotline.domain.errors import MessageInDoubtError, MessageNotSentError
from slotline.ports import Message
from tests.contract.sockets import WallClock
from tests.servers.twilio import ACCOUNT_SID, AUTH_TOKEN, GOOD_SENDER, TwilioServer

MESSAGE = Message("key", "+14155550155", "Bright Smile: Ihr Termin ist gebucht. Grüße")


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client() as opened:
        yield opened


def sender_to(url: str, client: httpx.Client) -> TwilioSender:
    return TwilioSender(
        lambda: client, account_sid=ACCOUNT_SID, auth_token=lambda: AUTH_TOKEN, sender=GOOD_SENDER, base_url=url,
        clock=WallClock(),
    )  # fmt: skip


def test_a_message_arrives_and_is_shown_for_inspection(server: TwilioServer, client: httpx.Client) -> None:
    receipt = sender_to(server.url, client).send(MESSAGE, deadline=time.time() + 5)

    (shown,) = client.get(f"{server.url}/_messages").json()
    assert (shown["sid"], shown["to"], shown["body"]) == (receipt.provider_id, MESSAGE.to, MESSAGE.body)
    assert server.account.complaints == []


def test_a_connection_closed_after_the_commit_is_a_doubt_that_a_look_resolves(
    server: TwilioServer, client: httpx.Client
) -> None:
    server.account.faults.append("commit_drop")
    sender = sender_to(server.url, client)
    since = time.time()

    with pytest.raises(MessageInDoubtError):
        sender.send(MESSAGE, deadline=time.time() + 5)

    found = sender.find(MESSAGE, since=since, deadline=time.time() + 5)
    assert found is not None
    assert len(server.account.texts) == 1


def test_an_answer_after_the_deadline_is_a_doubt(server: TwilioServer, client: httpx.Client) -> None:
    server.account.faults.append("commit_slow")
    server.account.slow_seconds = 1.0
    begun = time.time()

    with pytest.raises(MessageInDoubtError):
        sender_to(server.url, client).send(MESSAGE, deadline=begun + 0.5)

    assert time.time() - begun < 0.9
    assert len(server.account.texts) == 1


def test_a_server_that_is_not_there_has_certainly_sent_nothing(client: httpx.Client) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = taken.getsockname()[1]

        with pytest.raises(MessageNotSentError):
            sender_to(f"http://127.0.0.1:{port}", client).send(MESSAGE, deadline=time.time() + 5)


def test_connections_are_used_again(server: TwilioServer, client: httpx.Client) -> None:
    sender = sender_to(server.url, client)
    for _ in range(3):
        sender.send(MESSAGE, deadline=time.time() + 5)

    assert len(server.account.texts) == 3
    transport = client._transport
    assert isinstance(transport, httpx.HTTPTransport)
    assert len(transport._pool.connections) == 1
