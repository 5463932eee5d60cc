"""The errors of the API: each is an answer with a status, a code for programs and a sentence for people."""

from __future__ import annotations

from typing import ClassVar


class ApiError(Exception):
    """A request that is not carried out; the message says why and what to do, and repeats nothing that was sent."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}


class Unauthorized(ApiError):
    """Nobody is signed in."""

    status, code = 401, "unauthorized"


class Forbidden(ApiError):
    """The user is known, and may not."""

    status, code = 403, "forbidden"


class NotFound(ApiError):
    """There is no such flow or run."""

    status, code = 404, "not_found"


class Conflict(ApiError):
    """The state of things does not allow it: a run that has ended cannot be stopped."""

    status, code = 409, "conflict"


class TooLarge(ApiError):
    """The body is larger than any request needs."""

    status, code = 413, "too_large"


class UnsupportedMediaType(ApiError):
    """The body is not JSON."""

    status, code = 415, "unsupported_media_type"


class Invalid(ApiError):
    """A field is wrong; `fields` says which, and what it should be."""

    status, code = 422, "invalid"


class Throttled(ApiError):
    """AWS asks to slow down."""

    status, code = 429, "throttled"


class Unavailable(ApiError):
    """A service that the answer needs does not work at the moment."""

    status, code = 503, "unavailable"
