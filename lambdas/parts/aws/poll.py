"""Polling any operation that reads until a condition holds.

It takes no stages: nothing is acted on, and the condition is about one answer.
"""

from __future__ import annotations

from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call, Common, Json, Pending
from lambdas.parts.aws._part import ApiResult, api_part
from lambdas.parts.aws._request import read, request


@api_part()
def poll(
    call: Call,
    *,
    service: str,
    operation: str,
    until: str,
    parameters: dict[str, Json] | None = None,
    **common: Unpack[Common],
) -> ApiResult | Pending:
    """Poll an operation that reads until `until` is true of what it answers.

    Between two polls the state machine waits; a dry run polls once.

    Parameters:
    service: the service, as boto3's clients are called.
    operation: the operation, as boto3's clients have it; one that changes nothing.
    until: a condition on the answer in JMESPath: "DBInstances[0].DBInstanceStatus == 'stopped'".
    parameters: those of the operation; a flow writes them as parameters of the call.

    Result: ApiResult.

    Errors:
    PartTimeout: the condition did not become true in time.
    ServiceError: AWS refused the call.
    InvalidParameter: the operation changes something.

    Source: the model of the service in botocore; "JMESPath Specification".

    Example:
        from lambdas.parts import aws
        from nightshift import flow


        @flow(timeout="2h")
        def stop_and_see():
            \"\"\"Stop the database of the orders and wait until it is stopped.\"\"\"
            aws.call("rds", "stop_db_instance", DBInstanceIdentifier="orders")
            aws.poll(
                "rds",
                "describe_db_instances",
                DBInstanceIdentifier="orders",
                until="DBInstances[0].DBInstanceStatus == 'stopped'",
                timeout="1h",
            )
    """
    import jmespath

    asked = request(call, service, operation, parameters)
    if not asked.reads:
        raise InvalidParameter(f"{asked.said} changes something: poll an operation that reads")
    output = read(call, asked)
    if output is None:
        return Pending(call.state, f"the next pages of {asked.said}", wait=1)
    reached = bool(jmespath.search(until, output))
    if not reached and not call.dry_run:
        return Pending({}, f"{until} of {asked.said}")
    summary = f"{asked.said}: {until}" if reached else f"would wait until {until} of {asked.said}"
    return ApiResult(matched=asked.named, summary=summary, output=output)
