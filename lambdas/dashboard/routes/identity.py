"""Who is asking."""

from __future__ import annotations

from lambdas.dashboard.models.identity import Me
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routing import new_router

router = new_router()


@router.get("/api/me", operation_id="get_me", summary="Who is asking", tags=["identity"])
def get_me() -> Me:
    """The user, and what they may do."""
    raise Unavailable("not yet")
