"""Everything that can go wrong, once: the same object on REST, in acknowledgements and on the console."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar


class Code(StrEnum):
    """A problem's stable, machine-readable name."""

    VALIDATION_FAILED = "validation_failed"
    MALFORMED_BODY = "malformed_body"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    UNKNOWN_SUBJECT = "unknown_subject"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    ALREADY_EXISTS = "already_exists"
    STREAM_NOT_LIVE = "stream_not_live"
    STREAM_OVER = "stream_over"
    STREAM_LIVE = "stream_live"
    STREAM_REQUIRED = "stream_required"
    SESSION_FIXED = "session_fixed"
    AFFILIATE_NOT_APPROVED = "affiliate_not_approved"
    PRODUCT_NOT_IN_STREAM = "product_not_in_stream"
    PRODUCT_NOT_ACTIVE = "product_not_active"
    OUT_OF_STOCK = "out_of_stock"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    BAD_SIGNATURE = "bad_signature"
    WRONG_CURRENCY = "wrong_currency"
    EMPTY_MESSAGE = "empty_message"
    RATE_LIMITED = "rate_limited"
    BANNED = "banned"
    TIMED_OUT = "timed_out"
    WARNED = "warned"
    """A warning waits to be acknowledged."""
    CHAT_CLOSED = "chat_closed"
    CHAT_RESTRICTED = "chat_restricted"
    SLOW_MODE = "slow_mode"
    MESSAGE_REJECTED = "message_rejected"
    OUTRANKED = "outranked"
    AMBIGUOUS = "ambiguous"
    UNCHANGED = "unchanged"
    """An act would leave everything as it is."""
    TOO_LARGE = "too_large"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    UNKNOWN_EVENT = "unknown_event"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal_error"
    OFFLINE = "offline"


STATUS: dict[Code, HTTPStatus] = {
    Code.VALIDATION_FAILED: HTTPStatus.BAD_REQUEST,
    Code.MALFORMED_BODY: HTTPStatus.BAD_REQUEST,
    Code.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.UNKNOWN_SUBJECT: HTTPStatus.FORBIDDEN,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    Code.STREAM_NOT_LIVE: HTTPStatus.CONFLICT,
    Code.STREAM_OVER: HTTPStatus.CONFLICT,
    Code.STREAM_LIVE: HTTPStatus.CONFLICT,
    Code.STREAM_REQUIRED: HTTPStatus.BAD_REQUEST,
    Code.SESSION_FIXED: HTTPStatus.CONFLICT,
    Code.AFFILIATE_NOT_APPROVED: HTTPStatus.FORBIDDEN,
    Code.PRODUCT_NOT_IN_STREAM: HTTPStatus.NOT_FOUND,
    Code.PRODUCT_NOT_ACTIVE: HTTPStatus.CONFLICT,
    Code.OUT_OF_STOCK: HTTPStatus.CONFLICT,
    Code.IDEMPOTENCY_KEY_REUSED: HTTPStatus.CONFLICT,
    Code.BAD_SIGNATURE: HTTPStatus.UNAUTHORIZED,
    Code.WRONG_CURRENCY: HTTPStatus.BAD_REQUEST,
    Code.EMPTY_MESSAGE: HTTPStatus.BAD_REQUEST,
    Code.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.BANNED: HTTPStatus.FORBIDDEN,
    Code.TIMED_OUT: HTTPStatus.FORBIDDEN,
    Code.WARNED: HTTPStatus.FORBIDDEN,
    Code.CHAT_CLOSED: HTTPStatus.FORBIDDEN,
    Code.CHAT_RESTRICTED: HTTPStatus.FORBIDDEN,
    Code.SLOW_MODE: HTTPStatus.TOO_MANY_REQUESTS,
    Code.MESSAGE_REJECTED: HTTPStatus.FORBIDDEN,
    Code.OUTRANKED: HTTPStatus.FORBIDDEN,
    Code.AMBIGUOUS: HTTPStatus.CONFLICT,
    Code.UNCHANGED: HTTPStatus.CONFLICT,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.TOO_MANY_CONNECTIONS: HTTPStatus.TOO_MANY_REQUESTS,
    Code.UNKNOWN_EVENT: HTTPStatus.BAD_REQUEST,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.OFFLINE: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The HTTP status of every code. 422 is never used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One field that is wrong, and how to mend it."""

    field: str
    """The field's wire name; dotted and indexed inside nested bodies, such as `items[0].quantity`."""
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """The body of every refused REST request."""

    OMIT_DEFAULTS: ClassVar[bool] = True

    status_code: int
    error: str
    code: str
    message: str
    errors: list[FieldError]
    incident_id: str | None = None
    """Names the log entry of a crash; absent otherwise."""
    retry_after: float | None = None
    """Seconds until the same request may succeed, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckError:
    """The `error` of a refused acknowledgement."""

    OMIT_DEFAULTS: ClassVar[bool] = True

    code: str
    message: str
    errors: list[FieldError]
    incident_id: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The acknowledgement of a Socket.IO command that failed."""

    ok: bool = False
    error: AckError


class ProblemError(Exception):
    """A refusal that its receiver can understand and act on; raised by both programs."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        errors: list[FieldError] | None = None,
        incident_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.errors = errors or []
        self.incident_id = incident_id
        self.retry_after = retry_after

    @classmethod
    def of_field(cls, name: str, code: str, message: str) -> "ProblemError":
        """A `validation_failed` about one field."""
        return cls(Code.VALIDATION_FAILED, message, errors=[FieldError(field=name, code=code, message=message)])

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status that goes with the code."""
        return STATUS[self.code]

    def body(self) -> ErrorBody:
        """The problem as a REST error body."""
        return ErrorBody(
            status_code=self.status.value,
            error=self.status.phrase,
            code=self.code,
            message=self.message,
            errors=self.errors,
            incident_id=self.incident_id,
            retry_after=self.retry_after,
        )

    def refusal(self) -> Refusal:
        """The problem as a Socket.IO acknowledgement."""
        return Refusal(
            error=AckError(
                code=self.code,
                message=self.message,
                errors=self.errors,
                incident_id=self.incident_id,
                retry_after=self.retry_after,
            )
        )
