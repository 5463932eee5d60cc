"""Any operation of any service.

It takes no stages: there is one request, and it waits only for the next pages of the answer.
"""

from __future__ import annotations

from typing import Unpack

from lambdas.contract.part import Call, Common, Json, Pending
from lambdas.parts.aws._output import imagined
from lambdas.parts.aws._part import ApiResult, api_part
from lambdas.parts.aws._request import Request, has_dry_run, read, request, write


@api_part()
def call(
    call: Call, *, service: str, operation: str, parameters: dict[str, Json] | None = None, **common: Unpack[Common]
) -> ApiResult | Pending:
    """Call any operation of AWS.

    What it changes is said by the flow; a call that changes something is made once, and a dry run only says it.

    Parameters:
    service: the service, as boto3's clients are called.
    operation: the operation, as boto3's clients have it.
    parameters: those of the operation; a flow writes them as parameters of the call.

    Result: ApiResult.

    Errors:
    ServiceError: AWS refused the call.
    AnswerLost: a call that changes something had no answer, and may have had effect.
    InvalidParameter: the SDK of the function does not know the operation.

    Source: the model of the service in botocore, and the service's API reference.

    Example:
        from lambdas.parts import aws
        from nightshift import flow


        @flow(timeout="1h")
        def stop_orders():
            \"\"\"Stop the database of the orders.\"\"\"
            db = aws.call("rds", "describe_db_instances", DBInstanceIdentifier="orders").DBInstances[0]
            if db.DBInstanceStatus == "available":
                aws.call("rds", "stop_db_instance", DBInstanceIdentifier="orders")
    """
    asked = request(call, service, operation, parameters)
    if asked.reads:
        output = read(call, asked)
        if output is None:
            return Pending(call.state, f"the next pages of {asked.said}", wait=1)
        return ApiResult(matched=asked.named, summary=f"{asked.said}: {_counted(output)}", output=output)
    if call.dry_run:
        return _dry_run(asked)
    output = write(asked)
    return ApiResult(matched=asked.named, changed=asked.named, summary=f"{asked.said}: done", output=output)


def _dry_run(asked: Request) -> ApiResult:
    said = f"would call {asked.written}"
    if has_dry_run(asked):
        write(asked, dry_run=True)
        said += "; AWS would let it"
    output = dict(imagined(asked.model.output_shape, asked.parameters))
    return ApiResult(matched=asked.named, changed=asked.named, summary=said, output=output)


def _counted(output: dict[str, Json]) -> str:
    lists = [f"{len(value)} {name}" for name, value in output.items() if isinstance(value, list)]
    return ", ".join(lists) or "read"
