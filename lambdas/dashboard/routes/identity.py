"""Who is asking."""

from __future__ import annotations

from lambdas.dashboard import deployment
from lambdas.dashboard.access import ADMIN, seen, user
from lambdas.dashboard.models.identity import FlowTitle, Me
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
        titles=[
            FlowTitle(flow=name, title=e.title, title_ja=e.title_ja)
            for name, e in seen().items()
            if e.title or e.title_ja
        ],
        boards=sorted({ADMIN}.union(*(entry.operators for entry in seen().values()))) if asking.admin else [],
        app=deployment.names().app,
        region=deployment.region(),
        account=deployment.account(),
    )
