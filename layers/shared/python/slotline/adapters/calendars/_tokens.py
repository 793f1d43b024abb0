"""What a token endpoint gives: the same at every provider that uses OAuth 2.0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """A fresh access token; `expires` in epoch seconds. Without a refresh token the old one stays valid."""

    access_token: str
    expires: float
    refresh_token: str | None
