"""The one error tree. The split follows what whoever catches it does next."""

from __future__ import annotations

from enum import StrEnum


class SlotlineError(Exception):
    """Base of every error we raise on purpose.

    SlotlineError
    ├── CallerError                  say something to the caller; nothing was written
    │   ├── UnclearError             ask again: the words have no reading, or two
    │   ├── MissingFieldError        ask for one field
    │   ├── SlotTakenError           offer other times
    │   ├── NotAllowedError          verify who is calling first
    │   └── LimitReachedError        it was asked for too often: a person can help
    ├── ProviderError                the calendar's side
    │   ├── NotExecutedError         429, no connection: certainly nothing happened, try again later
    │   ├── InDoubtError             timeout, 5xx after sending: it may have happened, look before anything else
    │   ├── RefusedError             a definite no, with its reason
    │   └── SetupError               key, scope or event type is wrong: nothing happened, wake the owner
    │       └── CredentialError      the key or token was not accepted: take a newer one and ask once more
    ├── MessageError                 the SMS sender's side
    │   ├── MessageNotSentError      certainly not sent, trying again may help
    │   ├── MessageInDoubtError      it may have gone out: look before sending again
    │   └── MessageRefusedError      never send this again; the reason says why
    ├── StoreError                   the table's side
    │   ├── StaleError               somebody else moved first: read again and decide anew
    │   └── StoreUnavailableError    fail closed: say that nothing was done
    ├── AccessError                  the request itself: 400, 401, 403, 404 or 413
    └── ConfigError                  our own or the owner's mistake: names the field and the fix
    """


class CallerError(SlotlineError):
    """Something the caller can put right by answering one more question."""


class UnclearError(CallerError):
    """The words cannot be turned into one meaning.

    `phrase` is a key of the sentence catalogue, `values` fill it.
    """

    def __init__(self, phrase: str, **values: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.values = values


class MissingFieldError(CallerError):
    """One argument must be asked for; `field` is its name in the tool's schema."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class LimitReachedError(CallerError):
    """As often as this may be asked for, it was."""


class SlotTakenError(CallerError):
    """An interval overlaps a live lock of somebody else."""


class NotAllowedError(CallerError):
    """Who is calling is not proved well enough for what they ask."""


class ProviderError(SlotlineError):
    """Base of all that a calendar provider can do to us."""


class NotExecutedError(ProviderError):
    """The request certainly had no effect (429, connection refused); `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InDoubtError(ProviderError):
    """The request was sent and its outcome is unknown."""


class Refusal(StrEnum):
    """Why a provider said a definite no."""

    TAKEN = "taken"
    OUTSIDE_HOURS = "outside_hours"
    TOO_SOON_OR_FAR = "too_soon_or_far"
    NEEDS_FIELD = "needs_field"
    GONE = "gone"
    NOT_PERMITTED = "not_permitted"


class RefusedError(ProviderError):
    """A definite no. `field` names what is missing when the reason is NEEDS_FIELD."""

    def __init__(self, reason: Refusal, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message or reason.value)
        self.reason = reason
        self.field = field


class SetupError(ProviderError):
    """Credential, scope or event type is wrong; certainly nothing happened, and the owner must act."""


class CredentialError(SetupError):
    """The key or access token was not accepted (401)."""


class MessageError(SlotlineError):
    """Base of all that an SMS sender can do to us."""


class MessageNotSentError(MessageError):
    """Certainly not sent (429, no connection); `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MessageInDoubtError(MessageError):
    """Sent or not sent: the answer was lost."""


class MessageRefusedError(MessageError):
    """Never to be sent again as it is. `reason`: opted_out, bad_number, landline, not_permitted or setup."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class StoreError(SlotlineError):
    """Base of all that the table can do to us."""


class StaleError(StoreError):
    """A condition failed: the record is not what we read."""


class StoreUnavailableError(StoreError):
    """The table did not answer, or contention outlasted our patience. `in_doubt`: a write may have got through."""

    def __init__(self, message: str, *, in_doubt: bool = False) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt


class AccessError(SlotlineError):
    """The request is refused before any tool runs; `status` is the HTTP status, `code` a stable word."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class ConfigError(SlotlineError):
    """A setting is wrong; the message names the field and the fix."""
