"""The waiters of AWS's SDKs.

It takes no stages: nothing is acted on, and a waiter judges one answer for all that it is about.
"""

from __future__ import annotations

from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.contract.part import Call, Common, Json, Pending
from lambdas.parts.aws._output import plain
from lambdas.parts.aws._part import ApiResult, api_part
from lambdas.parts.aws._request import Request, client_of, request


@api_part(named="waiter")
def wait(
    call: Call, *, service: str, waiter: str, parameters: dict[str, Json] | None = None, **common: Unpack[Common]
) -> ApiResult | Pending:
    """Wait as a waiter of AWS's SDKs does.

    Between two polls the state machine waits; a dry run polls once.

    Parameters:
    service: the service, as boto3's clients are called.
    waiter: the waiter, as boto3's `get_waiter` takes it.
    parameters: those of the operation that it polls; a flow writes them as parameters of the call.

    Result: ApiResult.

    Errors:
    PartFailed: what is waited for can no longer come.
    PartTimeout: it did not come in time.
    ServiceError: AWS refused the call.

    Source: the waiters of the service in botocore.

    Example:
        from lambdas.parts import aws
        from nightshift import flow


        @flow(timeout="2h")
        def start_orders():
            \"\"\"Start the database of the orders and wait for it.\"\"\"
            aws.call("rds", "start_db_instance", DBInstanceIdentifier="orders")
            aws.wait("rds", "db_instance_available", DBInstanceIdentifier="orders", timeout="40m")
    """
    client = client_of(call, service)
    if waiter not in client.waiter_names:
        raise InvalidParameter(f"{service} has no waiter {waiter}; it has {', '.join(client.waiter_names) or 'none'}")
    config = client.get_waiter(waiter).config
    from botocore import xform_name

    asked = request(call, service, xform_name(config.operation), parameters)
    answer = _poll(asked)
    state = next((a.state for a in config.acceptors if a.matcher_func(answer)), "retry")
    said = f"{waiter} of {', '.join(asked.named)}"
    if state == "failure":
        raise PartFailed(f"{said} can no longer come: {_why(answer)}")
    if state == "retry" and "Error" in answer:
        raise answer["Raised"]
    if state == "retry" and not call.dry_run:
        return Pending({}, said, wait=None if "interval" in common else config.delay)
    output = {} if "Error" in answer else dict(plain(answer, asked.model.output_shape))
    summary = f"{said}: reached" if state == "success" else f"would wait for {said}"
    return ApiResult(matched=asked.named, summary=summary, output=output)


def _poll(asked: Request) -> dict[str, Any]:
    """The answer, or the error as botocore's waiters take it, for which an acceptor may be waiting."""
    try:
        return dict(getattr(asked.client, asked.python)(**asked.parameters))
    except Exception as error:
        found = aws_errors.code(error)
        if not found or aws_errors.is_temporary(error):
            raise
        return {"Error": {"Code": found, "Message": aws_errors.message(error)}, "Raised": error}


def _why(answer: dict[str, Any]) -> str:
    error = answer.get("Error")
    return f"{error['Code']}: {error['Message']}" if error else "AWS shows a state that it does not leave"
