"""The Lambda handler of every part.

Only the service of the requested part is imported: a function that stops instances loads neither mail templates nor
the SES client.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.contract.causes import with_data
from lambdas.contract.errors import InvalidParameter, PartError
from lambdas.contract.part import Part, Run
from lambdas.parts import find_part, set_own_parts
from lambdas.runtime.clients import AwsClients
from lambdas.runtime.result_store import ResultStore
from lambdas.runtime.tracing import subsegment

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift"), utc=True)
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "nightshift"))
aws = AwsClients()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One invocation of a part.

    event: the request of the contract, {"part", "params", "state", "run"}, with "reads" where the flow reads fields of
        the result: those are kept in the reply as long as a state can carry them. "given", the types of what the run
        was started with, is there only to fail before the call where they are wrong.

    Returns the reply of the contract. Raises a NightshiftError whose class name is the error name in the flow;
    InvalidParameter when the request has not the shape of the contract.
    """
    part, params, state, run = _request(event)
    logger.structure_logs(append=False, **_keys(part, run, context))
    aws.invocation(lambda: context.get_remaining_time_in_millis() / 1000, run)
    store = ResultStore(os.environ.get("NIGHTSHIFT_RESULTS_BUCKET", ""), lambda: aws.client("s3"))
    try:
        with subsegment(part.name, run):
            reply = part.invoke(aws, run, store.load(params), store.load(state))
            reply = store.offload(reply, run, event.get("reads") or ())
    except PartError as error:
        logger.error(error.cause, error=error.error, exc_info=error.__cause__)
        _count(part, run, failed=True)
        # The message is all that Lambda lets a function say of its error.
        said = with_data(error.cause, error.failures, error.place)
        raise type(error)(said, error.failures, error.place) from error
    except Exception:
        logger.exception("unexpected error")
        _count(part, run, failed=True)
        raise
    _log(reply)
    _count(part, run, failed=False)
    return reply


def _request(event: Any) -> tuple[Part[..., Any], dict[str, Any], Any, Run]:
    if not isinstance(event, dict) or not isinstance(event.get("part"), str):
        raise InvalidParameter('a request is {"part": name, "params": {}, "state": null, "run": {}}')
    own = os.environ.get("NIGHTSHIFT_PART")
    if own and event["part"] not in own.split(","):
        raise InvalidParameter(f"this function is {own} and has no permission for {event['part']}")
    params, state, run = event.get("params") or {}, event.get("state"), event.get("run")
    if not isinstance(params, dict):
        raise InvalidParameter(f"params must be an object, not {type(params).__name__}")
    if state is not None and not isinstance(state, dict):
        raise InvalidParameter(f"state must be an object or null, not {type(state).__name__}")
    if own and "NIGHTSHIFT_PART_MODULE" in os.environ:
        set_own_parts({own: os.environ["NIGHTSHIFT_PART_MODULE"]})
    return find_part(event["part"]), params, state, _run(run)


def _run(run: Any) -> Run:
    if not isinstance(run, dict):
        raise InvalidParameter("run must be an object with id, flow, step, call, item, started, dry_run")
    for name in ("id", "flow", "step"):
        if not isinstance(run.get(name), str) or not run[name]:
            raise InvalidParameter(f"run.{name} must be a text; it names the call for idempotency")
    return Run(
        id=run["id"],
        flow=run["flow"],
        step=run["step"],
        call=int(run.get("call") or 0),
        item=run.get("item"),
        started=str(run.get("started") or ""),
        dry_run=bool(run.get("dry_run", False)),
    )


def _keys(part: Part[..., Any], run: Run, context: Any) -> dict[str, Any]:
    return {
        "part": part.name,
        "run": run.id,
        "flow": run.flow,
        "step": run.step,
        "call": run.call,
        "item": run.item,
        "dry_run": run.dry_run,
        "request_id": getattr(context, "aws_request_id", ""),
    }


def _log(reply: dict[str, Any]) -> None:
    if not reply["done"]:
        logger.info(f"waiting for {reply['state'].get('waiting_for', '(see state)')}", wait=reply["wait"])
        return
    result = reply["result"]
    for warning in result["warnings"] if isinstance(result["warnings"], list) else []:
        logger.warning(warning)
    matched, changed = (r if isinstance(r, list) else range(r["count"]) for r in (result["matched"], result["changed"]))
    logger.info(result["summary"] or "finished", matched=len(matched), changed=len(changed))


def _count(part: Part[..., Any], run: Run, *, failed: bool) -> None:
    metrics.add_dimension("part", part.name)
    metrics.add_dimension("flow", run.flow)
    metrics.add_metric("Invocations", "Count", 1)
    metrics.add_metric("Failures", "Count", int(failed))
    metrics.flush_metrics()
