"""The function behind the API."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.contract.errors import InvalidParameter
from lambdas.dashboard import guard, headers, origin
from lambdas.dashboard.access import signed_in
from lambdas.dashboard.document import document
from lambdas.dashboard.models.common import FieldProblem, Problem
from lambdas.dashboard.problems import ApiError, Conflict, Invalid, NotFound, Throttled, Unavailable
from lambdas.dashboard.routes import (
    approvals,
    audit,
    board,
    calendar,
    charts,
    fleet,
    flows,
    handover,
    holds,
    identity,
    open_items,
    presets,
    pulse,
    runs,
    usual,
)

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.dashboard")
_JSON = "application/json"
_SLOW_DOWN = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "ProvisionedThroughputExceeded")
_LONGEST_FIELD = 100

logger = Logger(service=_SERVICE, utc=True)

app = APIGatewayHttpResolver(enable_validation=True)
for module in (
    identity,
    pulse,
    flows,
    presets,
    holds,
    runs,
    approvals,
    open_items,
    calendar,
    charts,
    fleet,
    board,
    audit,
    handover,
    usual,
):
    app.include_router(module.router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request of API Gateway (payload format 2.0). Never raises: what went wrong is in the log."""
    began = time.monotonic()
    request = event.get("requestContext", {})
    logger.structure_logs(append=False, request=request.get("requestId"), route=event.get("rawPath"))
    answer = _answer(event, context)
    own = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    answer["headers"] = {**own, **headers.API}
    took = round((time.monotonic() - began) * 1000)
    method = request.get("http", {}).get("method")
    logger.info("answered", method=method, status=answer["statusCode"], milliseconds=took)
    return answer


@app.get("/api/openapi.json", include_in_schema=False)
def get_openapi() -> Response[str]:
    """The document that describes this API."""
    return Response(200, _JSON, _document())


@app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
def on_invalid(error: RequestValidationError) -> Response[str]:
    """A field that the models do not take."""
    fields = {".".join(map(str, found["loc"]))[:_LONGEST_FIELD]: str(found["msg"]) for found in error.errors()}
    return _problem(Invalid("some fields of the request are wrong", fields))


@app.not_found
def on_unknown_route(_: NotFoundError) -> Response[str]:
    """A route that does not exist."""
    return _problem(NotFound("there is no such route; GET /api/openapi.json describes those there are"))


@app.exception_handler(ApiError)  # type: ignore[untyped-decorator]
def on_api_error(error: ApiError) -> Response[str]:
    """A request that is not carried out."""
    return _problem(error)


def _answer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        with signed_in(event) as user:
            logger.append_keys(user=user.name)
            origin.check(event)
            guard.check(event)
            answer: dict[str, Any] = app.resolve(event, context)
            return answer
    except ApiError as error:
        problem: ApiError = error
    except InvalidParameter as error:
        # A place in a list that is none, a moment that has passed: the message is made for whoever sent it.
        problem = Invalid(str(error))
    except ClientError as error:
        problem = _refused(error)
    except BotoCoreError:
        logger.exception("AWS does not answer")
        problem = Unavailable("AWS does not answer; try again in a moment")
    except Exception:
        logger.exception("a request could not be answered")
        problem = ApiError("something went wrong here; the log of the function says what")
    made = _problem(problem)
    return {"statusCode": made.status_code, "headers": {"content-type": _JSON}, "body": made.body}


def _refused(error: ClientError) -> ApiError:
    """What AWS refused this function; its message may name resources that are not the user's to know."""
    code = error.response["Error"]["Code"]
    if code.startswith(_SLOW_DOWN):
        return Throttled("AWS asks to slow down; try again in a moment")
    if code == "TransactionConflictException":
        return Conflict("somebody else changes the same at this moment; try again")
    logger.exception("AWS refused a call")
    return Unavailable("AWS refused a call that the answer needs; the log of the function says which")


def _problem(error: ApiError) -> Response[str]:
    if error.status in (403, 404):
        logger.warning("not for this user, or not there", status=error.status)
    fields = [FieldProblem(field=field, problem=problem) for field, problem in error.fields.items()]
    body = Problem.model_validate({"code": error.code, "message": error.message, "fields": fields})
    return Response(error.status, _JSON, body.model_dump_json())


@cache
def _document() -> str:
    return json.dumps(document(app))
