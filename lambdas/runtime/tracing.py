"""X-Ray subsegments, at no cost for functions that are not traced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from lambdas.contract.part import Run


@contextmanager
def subsegment(name: str, run: Run) -> Iterator[None]:
    """Trace the body as subsegment `name`, found by run, flow and step.

    Only a sampled invocation pays for the X-Ray SDK, whose import takes as long as boto3's; powertools' Tracer is on
    where Lambda gives a trace header and POWERTOOLS_TRACE_DISABLED is not set.
    """
    if not _sampled():
        yield
        return
    from aws_lambda_powertools import Tracer

    tracer = Tracer(auto_patch=False)
    with tracer.provider.in_subsegment(name=f"## {name}"):
        tracer.put_annotation("flow", run.flow)
        tracer.put_annotation("step", run.step)
        tracer.put_annotation("run", run.id)
        yield


def _sampled() -> bool:
    disabled = os.environ.get("POWERTOOLS_TRACE_DISABLED", "").lower() in ("1", "true", "yes")
    return not disabled and "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", "")
