"""One Lambda function and one role per part that a flow uses."""

from __future__ import annotations

from collections.abc import Iterable

from lambdas.parts import find_part
from nightshift.model import CompiledFlow
from nightshift.views.iam import statements_of_parts
from stacks.settings import Settings, check_function
from stacks.template.cloudformation import Resources, logical_id, ref
from stacks.template.functions import Code, function
from stacks.template.permissions import substituted

TIMEOUT = 300
"""Seconds of one invocation. A part waits between invocations, never inside one."""

MEMORY = 512
"""MB; Lambda gives CPU by memory, and below this the imports take longer than the calls."""


def part_functions(settings: Settings, flows: Iterable[CompiledFlow], code: Code) -> Resources:
    """The functions of all parts the flows use. Raises ValueError when a name exceeds a limit of AWS."""
    flows = list(flows)
    for name in sorted({name for flow in flows for name in flow.parts}):
        check_function(settings, name)
    made: Resources = {}
    for name, statements in statements_of_parts(flows).items():
        part = find_part(name)
        made.update(
            function(
                settings,
                part_id(name),
                name,
                handler="lambdas.runtime.handler.handler",
                description=(part.__doc__ or name).strip().partition("\n")[0],
                code=code,
                environment={
                    "NIGHTSHIFT_PART": name,
                    "NIGHTSHIFT_RESULTS_BUCKET": ref("ResultsBucket"),
                    "NIGHTSHIFT_MAIL_FROM": settings.mail_from,
                },
                statements=substituted(statements),
                timeout=TIMEOUT,
                memory=MEMORY,
            )
        )
    return made


def part_id(name: str) -> str:
    """Logical id of the function of a part."""
    return logical_id("part", name)
