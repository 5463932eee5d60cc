"""One Lambda function and one role per part that a flow uses, and per service whose operations a flow calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lambdas.contract.limits import MAX_RESOURCES
from lambdas.contract.target import MEMBER_ROLE
from lambdas.outside.hosts import HOSTS
from lambdas.parts import find_part, own_parts
from lambdas.runtime.sessions import EXTERNAL_ID
from nightshift.model import CompiledFlow
from nightshift.views.iam import role_name, statements_of_parts
from stacks.settings import Settings, check_function
from stacks.template.cloudformation import Resources, logical_id, ref, sub
from stacks.template.functions import Code, function, layer
from stacks.template.permissions import substituted

TIMEOUT = 300
"""Seconds of one invocation. A part waits between invocations, never inside one."""

MEMORY = 512
"""MB; Lambda gives CPU by memory, and below this the imports take longer than the calls."""


OUTSIDE = "http.request"
"""The part that reaches systems beyond AWS."""

LISTING = "organizations.list_accounts"
"""The part that says which role there is in each account."""

OWN_LAYER = "PartsLayer"
"""Logical id of the layer with the packages that parts of one's own need."""


@dataclass(frozen=True)
class OwnParts:
    """What the functions of parts of one's own have. packages: their layer, when there is a lock for it."""

    code: Code
    packages: Code | None = None


def part_functions(
    settings: Settings, flows: Iterable[CompiledFlow], code: Code, own: OwnParts | None = None
) -> Resources:
    """The functions of all parts the flows use. Raises ValueError when a name exceeds a limit of AWS.

    own: for the parts of one's own, if flows use some.
    """
    flows = list(flows)
    apis = {name: flow for flow in flows for name in flow.grants}
    made: Resources = {}
    modules = own_parts()
    if own is not None and own.packages is not None:
        description = "Packages that parts of one's own need"
        made[OWN_LAYER] = layer(settings, own.packages, name="parts", description=description)
    layers = [ref("Layer"), *([ref(OWN_LAYER)] if OWN_LAYER in made else [])]
    member = sub(settings.names.member_role("${AWS::AccountId}", "${AWS::Region}"))
    for name in sorted({name for flow in flows for name in flow.functions}):
        check_function(settings, name)
    for name, statements in statements_of_parts(flows, settings.names).items():
        flow = apis.get(name)
        of_own = own if name in modules else None
        made.update(
            function(
                settings,
                part_id(name),
                name,
                handler="lambdas.runtime.handler.handler",
                description=_description(name, flow),
                code=of_own.code if of_own else code,
                environment={
                    "NIGHTSHIFT_PART": ",".join(flow.api_parts) if flow else name,
                    **({"NIGHTSHIFT_PART_MODULE": modules[name]} if of_own else {}),
                    "NIGHTSHIFT_RESULTS_BUCKET": ref("ResultsBucket"),
                    "NIGHTSHIFT_MAIL_FROM": settings.mail_from,
                    **({MAX_RESOURCES: settings.max_resources} if settings.max_resources else {}),
                    **({HOSTS: " ".join(settings.http_hosts)} if name == OUTSIDE else {}),
                    **({MEMBER_ROLE: member} if name == LISTING else {}),
                    **({EXTERNAL_ID: settings.company.external_id} if settings.company.external_id else {}),
                },
                statements=substituted(settings.company.narrowed(statements)),
                timeout=TIMEOUT,
                memory=MEMORY,
                properties={"Layers": layers} if of_own else None,
                role_name=sub(role_name(settings.names, name)),
            )
        )
    return made


def _description(name: str, flow: CompiledFlow | None) -> str:
    if flow is not None:
        return f"Calls of {name.split('.')[1]} that the flow {flow.name} makes"
    return (find_part(name).__doc__ or name).strip().partition("\n")[0]


def part_id(name: str) -> str:
    """Logical id of the function of a part."""
    return logical_id("part", name)
