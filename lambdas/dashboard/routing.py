"""A router for each module of routes."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.api_gateway import Router


def new_router() -> Router:
    """A router of powertools, which lets its constructor untyped."""
    return Router()  # type: ignore[no-untyped-call]
