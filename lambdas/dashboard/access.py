"""Who asks, and which flows they may see and start.

Who asks is what the JWT authorizer of API Gateway found in the access token: it has verified its signature, issuer,
audience and time before the function is invoked ("Control access to HTTP APIs with JWT authorizers", API Gateway
Developer Guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from lambdas.dashboard.problems import Forbidden, NotFound, Unauthorized
from lambdas.runs.catalogue import FlowEntry, catalogue

ADMIN = "admin"
"""The group whose members see and may do everything."""

_NAME = re.compile(r"[^\x00-\x1f#]{1,128}")
"""A user name of a user pool has no spaces or control characters, and 128 at most ("AdminCreateUser")."""


@dataclass(frozen=True)
class User:
    """Who asks. groups: those of the user pool."""

    name: str
    email: str | None
    groups: frozenset[str]

    @property
    def admin(self) -> bool:
        """Whether they see and may do everything."""
        return ADMIN in self.groups

    def may(self, entry: FlowEntry) -> bool:
        """Whether they may see and start a flow."""
        return self.admin or not self.groups.isdisjoint(entry.operators)

    def sees(self, entry: FlowEntry) -> bool:
        """Whether they may see a flow and its runs: also who is asked for approval by it."""
        return self.may(entry) or not self.groups.isdisjoint(entry.approvers)


_user: ContextVar[User] = ContextVar("user")


def user() -> User:
    """Who sent the request that is being answered."""
    return _user.get()


@contextmanager
def signed_in(event: Mapping[str, Any]) -> Iterator[User]:
    """Let the user of an event (payload format 2.0) be the one who asks. Raises Unauthorized."""
    found = user_of(event)
    token = _user.set(found)
    try:
        yield found
    finally:
        _user.reset(token)


def user_of(event: Mapping[str, Any]) -> User:
    """The user in the claims of an event. Raises Unauthorized when there are none."""
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    name = str(claims.get("username") or claims.get("sub") or "")
    # An identity token says who somebody is, not what they may do; only the other kind is taken.
    if claims.get("token_use") != "access" or not _NAME.fullmatch(name):
        raise Unauthorized("sign in, and send the access token as a bearer token")
    email = claims.get("email")
    return User(name, str(email) if email else None, _groups(claims.get("cognito:groups")))


def visible() -> dict[str, FlowEntry]:
    """The flows the user may see, by name."""
    return {name: entry for name, entry in catalogue().items() if user().may(entry)}


def seen() -> dict[str, FlowEntry]:
    """The same with those that only ask the user for approval."""
    return {name: entry for name, entry in catalogue().items() if user().sees(entry)}


def scope() -> list[str] | None:
    """The flows whose runs the user may see; None for all, those that are no longer deployed included."""
    return None if user().admin else sorted(visible())


def to_see(flow: str) -> FlowEntry:
    """A flow the user wants to see. Raises NotFound, also for one they may not see."""
    found = seen().get(flow)
    if found is None:
        raise NotFound("there is no such flow, or it is not for you to see; GET /api/flows lists those that are")
    return found


def to_act(flow: str) -> FlowEntry:
    """A flow the user wants to do something to. Raises Forbidden, or NotFound for one who may do everything."""
    found = catalogue().get(flow)
    if found is not None and user().may(found):
        return found
    if user().admin:
        raise NotFound("there is no such flow; GET /api/flows lists them")
    raise Forbidden("you may not do that; GET /api/flows lists the flows that are yours")


def check_admin(why: str) -> None:
    """Raises Forbidden for everybody but administrators. why: what it says."""
    if not user().admin:
        raise Forbidden(why)


def check_seen(flow: str) -> None:
    """Raises NotFound for a flow whose runs the user may not see."""
    if not user().admin:
        to_see(flow)


def _groups(claim: Any) -> frozenset[str]:
    """The groups of a token; API Gateway gives a list in a claim as the text "[admin ops]"."""
    if isinstance(claim, str):
        return frozenset(re.split(r"[\s,]+", claim.strip("[] "))) - {""}
    return frozenset(str(group) for group in claim or ())
