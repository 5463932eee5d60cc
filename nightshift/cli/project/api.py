"""`nightshift api`: what a service of AWS offers, as `aws.call` knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.parts.aws._reads import reads
from nightshift.aws_api.exceptions import SECRETS
from nightshift.aws_api.models import Member, Model, Operation, model, models_version, services
from nightshift.aws_api.permissions import NotDerived, as_statements, grants, may_need, table_version
from nightshift.cli.output import print_json, print_table


def show_api(service: str | None, operation: str | None, *, as_json: bool) -> None:
    """Print the services, the operations of one, or what one operation takes and gives.

    Raises InvalidParameter for a service or an operation that AWS does not have.
    """
    if as_json:
        print_json(_as_json(service, operation))
        return
    if service is None:
        print("\n".join(services()))
    elif operation is None:
        _service(_model(service))
    else:
        _operation(_found(_model(service), operation))
    print(f"\nModels of botocore {models_version()}, permissions of {table_version()}.")


def _model(service: str) -> Model:
    try:
        return model(service)
    except KeyError:
        raise InvalidParameter(f"AWS has no service {service!r}. {_near(service, services())}") from None


def _found(service: Model, name: str) -> Operation:
    if name not in service.operations:
        message = f"{service.name} has no operation {name!r}. {_near(name, service.operations)}"
        raise InvalidParameter(f"{message} `nightshift api {service.name}` lists them.")
    return service.operations[name]


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"Did you mean {near[0]!r}?" if near else "`nightshift api` lists them."


def _service(service: Model) -> None:
    print(f"{service.name}: {service.metadata['serviceFullName']}\n")
    print_table(("operation", "does"), [(o.python, _sentence(o.doc)) for o in service.operations.values()])
    if service.waiters:
        print_table(("waiter", "polls"), [(w.name, w.operation) for w in service.waiters.values()])


def _operation(operation: Operation) -> None:
    service = operation.service
    print(f"{service.name} {operation.python}: {_sentence(operation.doc)}")
    print(_kind(operation))
    members = operation.parameters.values()
    rows = [(m.name, _type(service, m), _given(m), _sentence(m.doc)) for m in members]
    print("\nParameters")
    print_table(("parameter", "type", "", "meaning"), rows)
    print("\nResult")
    results = [(m.name, _type(service, m), _sentence(m.doc)) for m in operation.results.values()]
    print_table(("field", "type", "meaning"), results)
    print("\nPermission, where the call names no resource")
    for line in _permission(operation):
        print(f"  {line}")
    waiters = [w.name for w in service.waiters.values() if w.operation == operation.python]
    print(f"\nWaiters: {', '.join(waiters) or 'none'}")


def _as_json(service: str | None, operation: str | None) -> dict[str, Any]:
    """The same for other programs."""
    of = {"botocore": models_version(), "permissions_of": table_version()}
    if service is None:
        return {"services": list(services()), **of}
    known = _model(service)
    if operation is None:
        does = {o.python: _sentence(o.doc) for o in known.operations.values()}
        waiters = {w.name: w.operation for w in known.waiters.values()}
        return {"service": known.name, "operations": does, "waiters": waiters, **of}
    found = _found(known, operation)
    return {
        "service": known.name,
        "operation": found.python,
        "does": _sentence(found.doc),
        "kind": _kind(found),
        "parameters": list(_members(known, found.parameters.values())),
        "result": list(_members(known, found.results.values())),
        "permission": _permission(found),
        "waiters": [w.name for w in known.waiters.values() if w.operation == found.python],
        **of,
    }


def _members(service: Model, members: Iterable[Member]) -> Iterator[dict[str, Any]]:
    for m in members:
        required = m.required and not m.token
        yield {"name": m.name, "type": _type(service, m), "required": required, "meaning": _sentence(m.doc)}


def _kind(operation: Operation) -> str:
    if f"{operation.service.name}:{operation.name}" in SECRETS:
        return "It answers with a secret and cannot be called in a flow."
    if reads(operation.service.name, operation.name):
        return "It only reads: it is repeated until AWS answers, and made in a dry run."
    if operation.token:
        return f"It changes something; {operation.token} is filled in, so that it can be repeated."
    return "It changes something and is sent once: a lost answer fails the step with AnswerLost."


def _permission(operation: Operation) -> list[str]:
    try:
        granted = as_statements(grants(operation, {}))
    except NotDerived as error:
        return [f"{error}: give the call allow=[...]"]
    lines = [f"{', '.join(s['Action'])} on {', '.join(s['Resource'])}" for s in granted]
    if operation.service.name.startswith("apigateway"):
        return lines
    needs = may_need(operation)
    return [*lines, f"may need {', '.join(needs)}"] if needs else lines


def _type(service: Model, member: Member) -> str:
    shape = service.shape(member.shape)
    kind = str(shape["type"])
    if member.secret:
        return f"{kind}, secret"
    if shape.get("enum"):
        return " | ".join(shape["enum"][:4]) + (" | ..." if len(shape["enum"]) > 4 else "")
    inner = shape.get("member") or shape.get("value")
    return f"{kind} of {inner['shape']}" if inner else member.shape if kind == "structure" else kind


def _given(member: Member) -> str:
    return "filled in" if member.token else "required" if member.required else ""


def _sentence(doc: str) -> str:
    text = " ".join(re.sub(r"<[^>]+>", "", doc).split())
    return re.split(r"(?<=[.])\s", text)[0][:160]
