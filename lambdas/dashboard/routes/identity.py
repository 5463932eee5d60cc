"""Who is asking."""

from __future__ import annotations

from lambdas.dashboard import deployment
from lambdas.dashboard.access import user
from lambdas.dashboard.models.identity import Me
from lambdas.dashboard.routing import new_router

router = new_router()


@router.get("/api/me", operation_id="get_me", summary="Who is asking", tags=["identity"])
def get_me() -> Me:
    """The user, and what they may do."""
    asking = user()
    return Me(
        name=asking.name,
        email=asking.email,
        groups=sorted(asking.groups),
        admin=asking.admin,
        app=deployment.prefix(),
        region=deployment.region(),
        account=deployment.account(),
    )
