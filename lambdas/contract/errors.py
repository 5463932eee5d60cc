"""The errors of nightshift.

    NightshiftError
    ├── Failed                   what a flow raises; subclass it in a flow file for your own
    ├── FanOutStopped            `for_each` has begun no more items: too many failed, or its alarm went off
    └── PartError                what a part raises
        ├── InvalidParameter     a parameter has a value the part cannot use
        ├── NoMatch              `require_match=True` and nothing was selected
        ├── TooManyResources     the selection matches more than `max_resources`
        ├── PartFailed           at least one resource failed (`on_failure="fail"`)
        ├── PartTimeout          the part's `timeout` ended before AWS was done
        ├── AccessDenied         an IAM permission is missing
        ├── ResultTooLarge       a value does not fit a state and no results bucket is set
        ├── AnswerLost           a call that changes something had no answer, and must not be repeated blindly
        ├── StateOutdated        a step that waited over a deployment cannot go on with the new code
        └── ServiceError         AWS refused the call for another reason
            ├── Throttled        AWS asked to slow down; Step Functions retries it
            └── Unavailable      AWS answered with an internal error, or not at all; Step Functions retries it

The class name is the error name in the state machine ("Error" of a failed Task), the message its cause.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.contract.causes import Diagnosis, Place


class NightshiftError(Exception):
    """Base of every error nightshift raises on purpose.

    `error` and `cause` are what a flow reads in an `except ... as e` clause, under CPython as on Step Functions.
    """

    @property
    def error(self) -> str:
        """The ASL error name."""
        return type(self).__name__

    @property
    def cause(self) -> str:
        """What happened, to which resource, and what to do."""
        return str(self)


class Failed(NightshiftError):
    """Raised by a flow to end with a failure, or to reach an `except` clause."""


class FanOutStopped(NightshiftError):
    """`for_each` has begun no more items: too many had failed, or its alarm went off; the message says what is left."""


class PartError(NightshiftError):
    """Base of what parts raise.

    failures: the resources that failed, when the message is about resources. place: where, of a call with a target.
    """

    def __init__(self, message: str = "", failures: Iterable[Diagnosis] = (), place: Place | None = None) -> None:
        super().__init__(message)
        self.failures = tuple(failures)
        self.place = place


class InvalidParameter(PartError):
    """A parameter has a value the part cannot use."""


class NoMatch(PartError):
    """`require_match=True` and the selection found nothing."""


class TooManyResources(PartError):
    """The selection matches more than `max_resources` allows; nothing was changed."""


class PartFailed(PartError):
    """At least one resource failed; the message is a table of resource, error code and reason."""


class PartTimeout(PartError):
    """The part's `timeout` ended before AWS was done; the message says what was still awaited."""


class AccessDenied(PartError):
    """The role of the part may not make a call it needs."""


class ResultTooLarge(PartError):
    """A result or state does not fit 256 KiB and there is no results bucket."""


class AnswerLost(PartError):
    """A call that changes something had no answer: it may have had effect, so only a person may repeat it."""


class StateOutdated(PartError):
    """A step that waited over a deployment cannot go on: the code of its part has another form of state now."""


class ServiceError(PartError):
    """AWS refused a call; the message holds operation, error code and AWS's own message."""


class Throttled(ServiceError):
    """AWS asked to slow down for longer than one invocation can wait."""


class Unavailable(ServiceError):
    """AWS answered with an internal error or not at all, also after retries; whether the call had effect is open."""


_SHOWN = 3
"""Items of a list that a message names."""


def shown(value: Any) -> str:
    """A value as a message names it: plain data as it is written, anything else by what it is."""
    plain = (str, int, float, type(None))
    if isinstance(value, plain):
        return repr(value)
    if isinstance(value, list | tuple | dict | set):
        short = all(isinstance(one, plain) for one in value) and not isinstance(value, dict)
        return repr(value) if short and len(value) <= _SHOWN else f"a {type(value).__name__} of {len(value)}"
    if callable(value) and hasattr(value, "__name__"):
        return f"{value.__name__} without its (...)"
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
