"""Making one request of any operation: pages merged, writes sent once, tokens filled in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.errors import AnswerLost, InvalidParameter
from lambdas.contract.part import Call, Json
from lambdas.parts.aws._output import kept, plain, restored, secret, shown
from lambdas.parts.aws._reads import reads

PAGE = 5000
"""Items that one invocation reads of a list; the next one goes on."""

_NOT_SENT = ("ConnectTimeoutError", "EndpointConnectionError")
_KMS_DRY_RUN = "DryRunOperationException"
"""KMS's code for a call that would have succeeded ("Testing your permissions", AWS KMS Developer Guide)."""


@dataclass(frozen=True)
class Request:
    """An operation of a service with its parameters.

    python: as clients have it. name: as AWS writes it. model: botocore's.
    """

    client: Any
    service: str
    python: str
    name: str
    model: Any
    parameters: dict[str, Any]

    @property
    def said(self) -> str:
        """ "rds stop_db_instance"."""
        return f"{self.service} {self.python}"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return reads(self.service, self.name)

    @property
    def named(self) -> list[str]:
        """What the call is about: the texts of its required parameters, else of any, or the operation itself.

        What AWS marks as sensitive is never among them.
        """
        shape = self.model.input_shape
        required = shape.required_members if shape else []
        tokens = self.model.idempotent_members
        for names in (required, [name for name in self.parameters if name not in tokens]):
            found = [
                self.parameters.get(name) for name in names if name in shape.members and not secret(shape.members[name])
            ]
            texts = [text for value in found for text in (value if isinstance(value, list) else [value])]
            if named := [text for text in texts if isinstance(text, str)]:
                return named
        return [self.python]

    @property
    def written(self) -> str:
        """The call as the flow writes it, but for long values and what AWS marks as sensitive."""
        members = self.model.input_shape.members if self.model.input_shape else {}
        given = ", ".join(f"{name}={shown(value, members.get(name))}" for name, value in self.parameters.items())
        return f"{self.said}({given})"


def request(call: Call, service: str, operation: str, parameters: Mapping[str, Json] | None) -> Request:
    """The request of a call, with idempotency tokens of its own. Raises InvalidParameter for what botocore lacks."""
    client = client_of(call, service)
    name = client.meta.method_to_api_mapping.get(operation)
    if name is None:
        raise InvalidParameter(f"{_older()} does not know {service} {operation}")
    model = client.meta.service_model.operation_model(name)
    given = _without_none(dict(parameters or {}))
    for token in model.idempotent_members:
        given.setdefault(token, str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.run.id}/{call.run.key}/{token}")))
    return Request(client, service, operation, name, model, given)


def _without_none(value: Any) -> Any:
    """What is given without what is None: of an answer that is given on, the fields that AWS had left out."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value


def client_of(call: Call, service: str) -> Any:
    """The client of a service. Raises InvalidParameter where the SDK of the function is too old for it."""
    try:
        return call.client(service)
    except Exception as error:
        if type(error).__name__ != "UnknownServiceError":
            raise
        raise InvalidParameter(f"{_older()} does not know the service {service}") from None


def read(call: Call, asked: Request) -> dict[str, Json] | None:
    """What a read answers, all pages merged; None when the next invocation has to go on, with what it needs noted."""
    shape = asked.model.output_shape
    if not _pages(asked):
        return dict(plain(_made(asked), shape))
    settings = {"MaxItems": PAGE, "StartingToken": call.state.get("token")}
    paginator = asked.client.get_paginator(asked.python)
    pages = paginator.paginate(**asked.parameters, PaginationConfig=settings)
    answer = pages.build_full_result()
    token = pages.resume_token
    if token and "NextToken" not in shape.members:
        answer.pop("NextToken", None)
    whole = _joined(
        restored(call.state.get("output")), plain(answer, shape), [key.expression for key in pages.result_keys]
    )
    if token is None:
        return whole
    call.state.update(output=kept(whole), token=token)
    return None


def write(asked: Request, *, dry_run: bool = False) -> dict[str, Json]:
    """Make a write, once.

    Raises AnswerLost when it is open whether it had effect and nothing makes a repetition harmless.
    """
    try:
        return dict(plain(_made(asked, {"DryRun": True} if dry_run else {}), asked.model.output_shape))
    except Exception as error:
        if dry_run and aws_errors.code(error) in (aws_errors.DRY_RUN, _KMS_DRY_RUN):
            return {}
        sent = type(error).__name__ not in _NOT_SENT
        if aws_errors.is_unavailable(error) and sent and not asked.model.idempotent_members:
            raise AnswerLost(
                f"{asked.written}: the answer of AWS is lost ({aws_errors.code(error) or type(error).__name__}: "
                f"{aws_errors.message(error)}), so the call may have had effect. It is not repeated: look at "
                f"{', '.join(asked.named)} ({_events(asked)}), then redrive the run, or start it again from there."
            ) from error
        raise


def has_dry_run(asked: Request) -> bool:
    """Whether AWS itself tells what a call would do."""
    shape = asked.model.input_shape
    return bool(shape) and "DryRun" in shape.members


def _made(asked: Request, more: Mapping[str, Json] | None = None) -> Any:
    return getattr(asked.client, asked.python)(**{**asked.parameters, **(more or {})})


def _pages(asked: Request) -> bool:
    """Whether the answer comes in pages; not for a flow that turns the pages itself."""
    if not asked.client.can_paginate(asked.python):
        return False
    pages = asked.client.get_paginator(asked.python).paginate(**asked.parameters)
    return not {*pages._input_token, pages._limit_key} & set(asked.parameters)


def _joined(before: Json, now: Json, keys: list[str]) -> dict[str, Json]:
    """Two parts of an answer, their lists one after the other. keys: paths of the lists."""
    if before is None:
        return dict(now)
    for path in keys:
        *outer, last = path.split(".")
        old, new = before, now
        for step in outer:
            old, new = old.setdefault(step, {}), new.get(step, {})
        if isinstance(new.get(last), list):
            old[last] = [*old.get(last, []), *new[last]]
    return dict(before)


def _events(asked: Request) -> str:
    return f"CloudTrail has the event {asked.name}"


def _older() -> str:
    import botocore

    return f"the botocore {botocore.__version__} of this function"
