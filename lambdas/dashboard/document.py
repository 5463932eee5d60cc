"""The OpenAPI document of the API; `python -m lambdas.dashboard` prints it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lambdas.dashboard import problems
from lambdas.dashboard.models.common import Problem

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

TITLE = "nightshift"
VERSION = "1"

_DESCRIPTION = """What operators see of the flows and their runs, and what they may do to them.

Users sign in with Amazon Cognito and send its access token as a bearer token. The group `admin` sees and may do
everything, anyone else sees the flows of their groups (`@flow(operators=[...])`): 404 for what they may not see, 403
for what they may not do."""

_ALWAYS = (problems.Unauthorized, problems.Throttled, problems.Unavailable)


def document(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """The OpenAPI document: what powertools derives from the routes of `app`, with the problems each may answer."""
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

    text = app.get_openapi_json_schema(
        title=TITLE,
        version=VERSION,
        description=_DESCRIPTION,
        security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        security=[{"token": []}],
    )
    made: dict[str, Any] = json.loads(text)
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    for path in made["paths"].values():
        for method, operation in path.items():
            operation["responses"] = {"200": operation["responses"]["200"], **_problems(method, operation)}
    return made


def _problems(method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The problems an operation may answer, by status."""
    kinds: list[type[problems.ApiError]] = [*_ALWAYS]
    if operation.get("parameters"):
        kinds.append(problems.Invalid)
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", [])):
        kinds.append(problems.NotFound)
    if "requestBody" in operation:
        kinds += [problems.Invalid, problems.TooLarge, problems.UnsupportedMediaType]
    if method != "get":
        kinds += [problems.Forbidden, problems.Conflict]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described = {str(kind.status): str(kind.__doc__) for kind in kinds}
    return {status: {"description": text, "content": content} for status, text in sorted(described.items())}
