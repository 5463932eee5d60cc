"""What `aws.call`, `aws.wait` and `aws.poll` have in common: how a flow writes them, and what they answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Json, Part, Pending, Result
from lambdas.parts.aws._output import completed

OWN = ("region", "role_arn", "credentials_secret", "target", "interval", "timeout", "dry_run", "title", "allow")
"""Parameters that are nightshift's; one of the same name that the operation has goes before it."""


@dataclass
class ApiResult(Result):
    """Result of a call of an operation; in a flow `output` is the value of the call.

    output: what AWS answered.
    """

    output: dict[str, Json] = field(default_factory=dict)


class ApiPart(Part[..., ApiResult]):
    """A part that a flow calls with a service, an operation or waiter, and the parameters of AWS.

    named: the parameter that says which operation or waiter of the service is meant.
    """

    named: str = "operation"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it from a flow that runs under CPython; what AWS answered, its fields as attributes."""
        if len(args) != 2:
            raise InvalidParameter(f'{self.name} takes a service and its {self.named}: {self.name}("rds", "...")')
        service, what = args
        shapes = _Shapes(service, what, waiter=self.named == "waiter")
        own = {name: value for name, value in kwargs.items() if self._is_own(name, shapes)}
        given = {name: value for name, value in kwargs.items() if name not in own}
        own.pop("allow", None)
        request = {"service": service, self.named: what, "parameters": given, **own}
        return shapes.read(super().__call__(**request).output)

    def _is_own(self, name: str, shapes: _Shapes) -> bool:
        return name not in shapes.parameters and (name in OWN or name in self.parameters)


class _Shapes:
    """What an operation takes and gives, as botocore's models know it: under CPython botocore is at hand."""

    def __init__(self, service: str, name: str, *, waiter: bool) -> None:
        import botocore.session
        from botocore import xform_name

        session = botocore.session.get_session()
        if waiter:
            names = session.get_waiter_model(service)
            found = next((w for w in names.waiter_names if xform_name(w) == name), None)
            name = xform_name(names.get_waiter(found).operation) if found else name
        model = session.get_service_model(service)
        operation = next((o for o in model.operation_names if xform_name(o) == name), None)
        self._operation: Any = model.operation_model(operation) if operation else None

    @property
    def parameters(self) -> Mapping[str, Any]:
        shape = self._operation.input_shape if self._operation else None
        return shape.members if shape else {}

    def read(self, output: Any) -> Any:
        """The output as a flow reads it: what AWS left out is None, bytes are a data URI."""
        shape = self._operation.output_shape if self._operation else None
        return completed(_readable(output), shape)


def _readable(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"data:application/octet-stream;base64,{base64.b64encode(value).decode()}"
    if isinstance(value, dict):
        for key, item in value.items():
            value[key] = _readable(item)
    return [_readable(item) for item in value] if isinstance(value, list) else value


def api_part(*, named: str = "operation") -> Callable[[Callable[..., ApiResult | Pending]], ApiPart]:
    """Declare one of them. What it is allowed is what the flow calls, so nothing is declared here."""

    def declare(function: Callable[..., ApiResult | Pending]) -> ApiPart:
        cost = "What the operation costs: see the pricing page of the service."
        made = ApiPart(function, allow=(), cost=cost, hints={}, one_of=(), waits=True, timeout="1h", interval=10)
        made.named = named
        return made

    return declare
