"""Boards of panels, and what runs or failed just now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from heapq import merge
from statistics import median
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from lambdas.dashboard import views
from lambdas.dashboard.access import check_admin, scope, user
from lambdas.dashboard.models.board import Board, BoardRequest, GroupBoard, Now
from lambdas.dashboard.models.presets import Group as GroupName
from lambdas.dashboard.problems import Conflict
from lambdas.dashboard.routing import new_router
from lambdas.store import audit, boards
from lambdas.store.table import table
from lambdas.tracker import queries
from lambdas.tracker.record import FAILED, RUNNING, TIMED_OUT

router = new_router()

Group = Annotated[GroupName, Path()]

_LATELY = timedelta(days=1)
_MOST = 50
_MOST_USUAL = 20
"""Flows whose history is read for one answer."""


@router.get("/api/board", operation_id="get_board", summary="The user's board", tags=["board"])
def get_board() -> Board:
    """The panels and their places, and the default that they follow until they change something."""
    return _of_user(boards.read(table(), boards.of_user(user().name)))


@router.put("/api/board", operation_id="put_board", summary="Keep the user's board", tags=["board"])
def put_board(body: Annotated[BoardRequest, Body()]) -> Board:
    """Keep the panels and their places."""
    return _of_user(_kept(boards.of_user(user().name), body))


@router.get("/api/boards/<group>", operation_id="get_group_board", summary="A group's board", tags=["board"])
def get_group_board(group: Group) -> GroupBoard:
    """The board that members of a group see until they arrange their own. Admins only."""
    _check_admin()
    return GroupBoard.model_validate(vars(boards.read(table(), boards.of_group(group))))


@router.put("/api/boards/<group>", operation_id="put_group_board", summary="Keep a group's board", tags=["board"])
def put_group_board(group: Group, body: Annotated[BoardRequest, Body()]) -> GroupBoard:
    """Arrange the board that members of a group see until they arrange their own. Admins only."""
    _check_admin()
    kept = _kept(boards.of_group(group), body)
    details = {"group": group, "panels": "none" if body.panels is None else str(len(body.panels))}
    audit.record(table(), by=user().name, action="change_board", flow="", details=details)
    return GroupBoard.model_validate(vars(kept))


@router.get("/api/now", operation_id="get_now", summary="What runs or failed just now", tags=["runs"])
def get_now() -> Now:
    """Runs of the flows the user may see that go on, and those that failed or timed out within the last day."""
    since = datetime.now(UTC) - _LATELY
    lists = [
        queries.runs(table(), scope(), state=state, since=None if state == RUNNING else since, limit=_MOST)[0]
        for state in (RUNNING, FAILED, TIMED_OUT)
    ]
    newest = list(merge(*lists, key=lambda record: record.started, reverse=True))[:_MOST]
    running = dict.fromkeys(run.flow for run in newest if run.state == RUNNING and not run.dry_run)
    took = queries.took(table(), list(running)[:_MOST_USUAL])
    return Now(
        runs=[views.run(record) for record in newest],
        usual={flow: median(seconds) for flow, seconds in took.items()},
    )


def _check_admin() -> None:
    check_admin("only administrators arrange the boards of groups")


def _kept(whose: str, body: BoardRequest) -> boards.Kept:
    panels = None if body.panels is None else [panel.model_dump(mode="json") for panel in body.panels]
    kept = boards.keep(table(), whose, panels, version=body.version)
    if kept is None:
        raise Conflict("the board was changed elsewhere in between; load it, and change it again")
    return kept


def _of_user(kept: boards.Kept) -> Board:
    default = boards.of_groups(table(), user().groups)
    return Board.model_validate({**vars(kept), "default": default})
