"""The token endpoint of the fake Google: refreshes of a person's consent, and grants for service accounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.faulty import answer_json
from tests.servers.google_desk import OWNER, Principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.faulty import Answer, Json

TOKEN = "ya29.fake"
REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET = "1//fake", "client.apps.googleusercontent.com", "fake-secret"
ROBOT = "robot@project.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"
PREFIX = "https://www.googleapis.com/auth/"
EVERYTHING = ("calendar.events", "calendar.freebusy", "calendar.calendarlist.readonly")
LIFE_SECONDS = 3599


@cache
def robot_key() -> tuple[str, str]:
    """Private and public key of the service account as PEM: made once, for making one is slow."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass
class Known:
    """A live access token."""

    principal: Principal
    expires: float


class Accounts:
    """Who may ask for tokens, and the tokens that are alive."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.tokens = {TOKEN: Known(Principal(), float("inf"))}
        self.refresh_tokens = {REFRESH_TOKEN}
        self.delegated = frozenset({OWNER})  # whom the service account may act for
        self.unauthorized_delegation = False  # the administrator has not allowed the scopes
        self.scope_granted: str | None = " ".join(PREFIX + scope for scope in EVERYTHING)
        self.rotates = False  # some answers bring a new refresh token
        self._count = 0

    def principal(self, authorization: str) -> Principal | None:
        known = self.tokens.get(authorization.removeprefix("Bearer "))
        return known.principal if known is not None and known.expires > self.clock() else None

    def let_in(self, principal: Principal) -> str:
        """A token for whom the test wants to be."""
        return self._new(principal)

    def grant(self, form: Json) -> Answer:
        kind = form.get("grant_type")
        if kind == "refresh_token":
            return self._refreshed(form)
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._signed(str(form.get("assertion", "")))
        return _refused(400, "unsupported_grant_type", "Invalid grant_type")

    def _refreshed(self, form: Json) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refused(401, "invalid_client", "The OAuth client was not found.")
        if form.get("refresh_token") not in self.refresh_tokens:
            return _refused(400, "invalid_grant", "Token has been expired or revoked.")
        body: Json = {"access_token": self._new(Principal()), "expires_in": LIFE_SECONDS, "token_type": "Bearer"}
        if self.scope_granted is not None:
            body["scope"] = self.scope_granted
        if self.rotates:
            body["refresh_token"] = f"1//fake{self._count}"
            self.refresh_tokens.add(body["refresh_token"])
        return answer_json(200, body)

    def _signed(self, assertion: str) -> Answer:
        try:
            claims = jwt.decode(
                assertion,
                robot_key()[1],
                algorithms=["RS256"],
                audience=AUDIENCE,
                options={"verify_exp": False, "verify_iat": False},  # the test's clock is not the library's
            )
        except jwt.PyJWTError:
            return _refused(400, "invalid_grant", "Invalid JWT Signature.")
        begins, ends = claims.get("iat", 0), claims.get("exp", 0)
        if claims.get("iss") != ROBOT or not begins <= self.clock() + 60 < ends or ends > begins + 3600:
            return _refused(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token.")
        scopes = str(claims.get("scope", "")).split()
        if not scopes or not all(scope.startswith(PREFIX) for scope in scopes):
            return _refused(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        subject = str(claims.get("sub", ""))
        if subject and self.unauthorized_delegation:
            words = "Client is unauthorized to retrieve access tokens using this method, or client not authorized"
            return _refused(401, "unauthorized_client", f"{words} for any of the scopes requested.")
        if subject and subject not in self.delegated:
            return _refused(400, "invalid_grant", "Invalid email or User ID")
        names = frozenset(scope.removeprefix(PREFIX) for scope in scopes)
        token = self._new(Principal(subject, service_account=True, scopes=names))
        return answer_json(200, {"access_token": token, "expires_in": LIFE_SECONDS, "token_type": "Bearer"})

    def _new(self, principal: Principal) -> str:
        self._count += 1
        token = f"ya29.fake{self._count}"
        self.tokens[token] = Known(principal, self.clock() + LIFE_SECONDS)
        return token


def _refused(status: int, code: str, words: str) -> Answer:
    return answer_json(status, {"error": code, "error_description": words})
