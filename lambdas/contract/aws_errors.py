"""What an AWS error means for a part: slow down, try again, not allowed, or which resources it names.

Errors are told by their shape (`response["Error"]["Code"]`), so that nothing here imports botocore.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lambdas.contract.errors import AccessDenied, PartError, ServiceError, Throttled, Unavailable

# Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API"; AWS SDKs Reference Guide, "Retry behavior".
_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "KMSThrottling",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ResourceRequestLimitExceeded",
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_UNAVAILABLE = frozenset(
    {"InternalError", "InternalFailure", "RequestTimeout", "ServiceUnavailable", "Unavailable", "UnknownError"}
)
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "AuthorizationError",
        "Client.UnauthorizedOperation",
        "UnauthorizedOperation",
    }
)
_NAMED = 50
_ANSWERS = "; AWS answers "
DRY_RUN = "DryRunOperation"
"""The code with which EC2 says that a call with DryRun would have succeeded."""


def code(error: BaseException) -> str:
    """The AWS error code, or "" when `error` did not come from AWS."""
    return str(_error(error).get("Code", ""))


def refusal(ask: Callable[[], object]) -> str:
    """Why a request was refused that may fail, by the error's code or its name; "" when it was taken. ask: makes it."""
    try:
        ask()
    except Exception as error:
        return code(error) or type(error).__name__
    return ""


def message(error: BaseException) -> str:
    """AWS's own message, or the text of `error`."""
    return str(_error(error).get("Message") or error)


def is_throttling(error: BaseException) -> bool:
    """Whether AWS asks to slow down."""
    return isinstance(error, Throttled) or code(error) in _THROTTLED


def is_unavailable(error: BaseException) -> bool:
    """Whether AWS failed inside or could not be reached, so that the effect of the call is unknown."""
    if isinstance(error, Unavailable) or code(error) in _UNAVAILABLE or _is_connection_error(error):
        return True
    # EC2 reports a lack of capacity with status 500 and throttling with 503; neither leaves the effect open.
    return _status(error) >= 500 and not is_throttling(error) and not code(error).startswith("Insufficient")


def is_temporary(error: BaseException) -> bool:
    """Whether the same call may succeed later: AWS asks to slow down, failed inside, or could not be reached."""
    return is_throttling(error) or is_unavailable(error)


def is_denied(error: BaseException) -> bool:
    """Whether an IAM permission is missing."""
    return isinstance(error, AccessDenied) or code(error) in DENIED


def named_ids(error: BaseException, ids: list[str]) -> list[str]:
    """Those of `ids` that AWS names in its message, in their order."""
    named = set(re.findall(r"\w+(?:-\w+)+", message(error)))
    return [i for i in ids if i in named]


def as_part_error(error: BaseException, awaited: str = "", concerned: Sequence[str] = ()) -> PartError | None:
    """The error of the contract for an AWS error; None when `error` is no AWS error.

    awaited, concerned: what the part has waited for, and ids of the resources it has to do with: an operator has to
        look at them after the error.
    """
    after = f"\nBefore that it waited for {awaited}" if awaited else ""
    named = f"{after}\n{error}"
    if others := [i for i in concerned[:_NAMED] if i not in named]:
        after += f"\nIt has to do with {', '.join(others)}{', ...' if len(concerned) > _NAMED else ''}"
    if isinstance(error, PartError):
        return type(error)(f"{error}{after}") if after else error
    if not code(error) and not type(error).__module__.startswith("botocore"):
        return None
    operation = getattr(error, "operation_name", "the AWS call")
    text = f"{operation}: {code(error) or type(error).__name__}: {message(error)}"
    if is_temporary(error):
        kind = Throttled if is_throttling(error) else Unavailable
        return kind(f"{awaited.partition(_ANSWERS)[0]}{_ANSWERS}{text}" if awaited else text)
    if is_denied(error):
        return AccessDenied(f"{_missing_action(error, operation)}: {code(error)}: {message(error)}{after}")
    return ServiceError(text + after)


@contextmanager
def as_part_errors(awaited: str) -> Iterator[None]:
    """Raise the errors of the contract for AWS errors inside."""
    try:
        yield
    except PartError:
        raise
    except Exception as error:
        known = as_part_error(error, awaited)
        if known is None:
            raise
        raise known from error


def _missing_action(error: BaseException, operation: str) -> str:
    """The IAM action to grant: named by AWS in newer messages, else the operation."""
    named = re.search(r"perform: ([a-z0-9-]+:[A-Za-z]+)", message(error))
    return f"the role may not call {named[1] if named else operation}"


def _error(error: BaseException) -> dict[str, Any]:
    response = getattr(error, "response", None)
    found = response.get("Error") if isinstance(response, dict) else None
    return found if isinstance(found, dict) else {}


def _status(error: BaseException) -> int:
    response = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    return int(metadata.get("HTTPStatusCode", 0))


def _is_connection_error(error: BaseException) -> bool:
    kinds = {c.__name__ for c in type(error).__mro__ if c.__module__ == "botocore.exceptions"}
    return not kinds.isdisjoint(("HTTPClientError", "ConnectionError"))
