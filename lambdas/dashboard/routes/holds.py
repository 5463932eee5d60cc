"""Holding and releasing several flows at once, and the freeze of all of them."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from lambdas.dashboard import views
from lambdas.dashboard.access import check_admin, to_act, user
from lambdas.dashboard.models.holds import Changed, FreezeRequest, Frozen, HoldsRequest, ReleaseRequest
from lambdas.dashboard.problems import Invalid
from lambdas.dashboard.routing import new_router
from lambdas.gate import holds
from lambdas.runs.catalogue import catalogue
from lambdas.store.table import table

router = new_router()


@router.put("/api/freeze", operation_id="freeze", summary="Hold all flows", tags=["holds"])
def freeze(body: Annotated[FreezeRequest, Body()]) -> Frozen:
    """No schedule and no alarm starts any flow, but for those that are exempt. For administrators."""
    _check_admin()
    if unknown := sorted(set(body.exempt) - set(catalogue())):
        raise Invalid("there is no such flow", {"body.exempt": f"{len(unknown)} of these flows are not deployed"})
    made = holds.freeze(table(), by=user().name, why=body.why, until=body.until, exempt=body.exempt)
    return Frozen(freeze=views.freeze(made))


@router.delete("/api/freeze", operation_id="unfreeze", summary="Release all flows", tags=["holds"])
def unfreeze() -> Frozen:
    """End the freeze; flows that are held by themselves stay so. For administrators."""
    _check_admin()
    holds.release(table(), holds.EVERY, by=user().name)
    return Frozen(freeze=None)


@router.put("/api/holds", operation_id="hold_flows", summary="Hold several flows", tags=["holds"])
def hold_flows(body: Annotated[HoldsRequest, Body()]) -> Changed:
    """No schedule and no alarm starts these flows until they are released; one that may not be held holds none."""
    wanted = _to_change(body.flows)
    for flow in wanted:
        holds.hold(table(), flow, by=user().name, why=body.why, until=body.until)
    return Changed(flows=wanted)


@router.post("/api/holds/release", operation_id="release_flows", summary="Release several flows", tags=["holds"])
def release_flows(body: Annotated[ReleaseRequest, Body()]) -> Changed:
    """End the holds of these flows; skips that are still to come stay."""
    wanted = _to_change(body.flows)
    return Changed(flows=[flow for flow in wanted if holds.release(table(), flow, by=user().name)])


def _to_change(flows: list[str]) -> list[str]:
    """Those that are not retired, each once; all have to be the user's. Raises Forbidden, NotFound."""
    for flow in flows:
        to_act(flow)
    return [flow for flow, held in holds.read_all(table(), flows).items() if not held.retired]


def _check_admin() -> None:
    check_admin("only administrators hold or release all flows at once; hold yours one by one or in a list")
