"""The function behind the API."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from lambdas.dashboard.routes import audit, board, charts, fleet, flows, identity, runs

app = APIGatewayHttpResolver(enable_validation=True)
for module in (identity, flows, runs, charts, fleet, board, audit):
    app.include_router(module.router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request of API Gateway (payload format 2.0)."""
    answer: dict[str, Any] = app.resolve(event, context)
    return answer
