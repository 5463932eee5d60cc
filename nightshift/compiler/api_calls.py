"""Calls of AWS's operations: `aws.call`, `aws.wait` and `aws.poll`, checked against the models of the services."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.contract.part import TITLE
from lambdas.parts.aws._part import OWN, ApiPart
from lambdas.parts.aws._reads import reads
from nightshift.aws_api.exceptions import SECRETS
from nightshift.aws_api.models import Model, Operation, model, models_version, services
from nightshift.aws_api.permissions import ROLES, UNKNOWN, Grant, NotDerived, grants, known, prefixes, table
from nightshift.compiler import ir
from nightshift.compiler.api_arguments import arguments
from nightshift.compiler.api_types import output_type
from nightshift.compiler.api_until import check_until
from nightshift.compiler.constants import step_title
from nightshift.compiler.context import Context, read
from nightshift.compiler.expressions import carried, dict_literal, expression
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import did_you_mean, first_sentence, fits, part_signature
from nightshift.compiler.types import Type, an, stored

_ACTION = re.compile(r"([a-z0-9-]+:[A-Za-z0-9]+)(?: on (arn:\S+))?")
_ALLOW = 'Write allow=["rds:StopDBInstance"], or with a resource "iam:PassRole on arn:aws:iam::123456789012:role/name".'


@dataclass(frozen=True)
class _Written:
    """A call as the flow writes it: the parameters of AWS, and nightshift's own."""

    given: dict[str, ast.expr]
    own: dict[str, ast.expr]


def api_call(ctx: Context, node: ast.Call, part: ApiPart) -> Expr:
    """Compile a call of `aws.call`, `aws.wait` or `aws.poll`; raises Reject for what AWS's models do not know."""
    service, what = _names(ctx, node, part)
    operation = _operation(node, part, service, what)
    _refuse(node, operation, part)
    written = _written(node, operation, part)
    allowed = _allowed(ctx, written.own.pop("allow", None), operation)
    called = step_title(where, expression(ctx, where)) if (where := written.own.pop(TITLE, None)) else ""
    params = {name: _own(ctx, where, name, part, operation) for name, where in written.own.items()}
    values = arguments(ctx, node, operation, written.given)
    for name, value in (("service", service.name), (part.named, what)):
        params[name] = constant(value)
    params["parameters"] = dict_literal(list(values), list(values.values()))
    granted = _granted(node, operation, values, params, allowed)
    state = ctx.names.state(f"{service.name}.{what}")
    kind: Type = stored(output_type(service, operation.output), frozenset({(state, "output")}))
    target = ctx.temporary(operation.python, kind)
    changes = not reads(service.name, operation.name)
    api = ir.Api(service.name, granted, first_sentence(part.__doc__))
    again = not changes or bool(operation.token)
    fields = ctx.read_fields.setdefault(state, set())
    title = f"{part.__name__} {service.name} {what}"
    ctx.hoisted.append(ir.PartCall(part.name, part.waits, params, target, state, title, fields, api, again, called))
    return read(target)


def _names(ctx: Context, node: ast.Call, part: ApiPart) -> tuple[Model, str]:
    """The service and the operation or waiter, as the flow names them."""
    texts = [expression(ctx, argument) for argument in node.args]
    if len(texts) != 2 or not all(isinstance(text.constant, str) for text in texts):
        hint = f'Write {part.name}("rds", "{_EXAMPLES[part.__name__]}", DBInstanceIdentifier="orders").'
        where = next((a for a, text in zip(node.args, texts, strict=True) if not isinstance(text.constant, str)), node)
        raise Reject(where, "NS304", f"{part.name} takes a service and its {part.named}, written out", hint)
    name = texts[0].constant
    try:
        return model(name), texts[1].constant
    except KeyError:
        hint = did_you_mean(name, list(services()), "Services are named as in boto3.client(...).")
        message = f"AWS has no service {name!r} (models of botocore {models_version()})"
        raise Reject(node.args[0], "NS320", message, hint) from None


_EXAMPLES = {"call": "stop_db_instance", "wait": "db_instance_available", "poll": "describe_db_instances"}


def _operation(node: ast.Call, part: ApiPart, service: Model, name: str) -> Operation:
    if part.named == "waiter":
        waiter = service.waiters.get(name)
        if waiter is not None:
            return service.operations[waiter.operation]
        known_ones = list(service.waiters)
    else:
        operation = service.operations.get(name)
        if operation is not None:
            return operation
        known_ones = list(service.operations)
    hint = did_you_mean(name, known_ones, f"`nightshift api {service.name}` lists them.")
    message = f"{service.name} has no {part.named} {name!r} (models of botocore {models_version()})"
    raise Reject(node.args[1], "NS320", message, hint)


def _refuse(node: ast.Call, operation: Operation, part: ApiPart) -> None:
    """Reject an operation that has no place in a flow."""
    said = f"{operation.service.name} {operation.python}"
    instead = SECRETS.get(f"{operation.service.name}:{operation.name}")
    if instead is not None:
        hint = instead or "Hand on the name of the secret, and let what needs it read it."
        raise Reject(node, "NS323", f"{said} answers with a secret, which no state may hold", hint)
    if operation.streams:
        hint = "Poll an operation that reads the outcome instead."
        raise Reject(node, "NS320", f"{said} answers with a stream of events, which a flow cannot follow", hint)
    if part.__name__ == "poll" and not reads(operation.service.name, operation.name):
        raise Reject(node, "NS320", f"{said} changes something and cannot be polled", "Poll an operation that reads.")


def _written(node: ast.Call, operation: Operation, part: ApiPart) -> _Written:
    written = _Written({}, {})
    for keyword in node.keywords:
        if keyword.arg is None:
            raise Reject(keyword.value, "NS304", "** is not part of the flow language", "Write the parameters out.")
        ours = keyword.arg in OWN or (keyword.arg == "until" and part.__name__ == "poll")
        (written.own if ours and keyword.arg not in operation.parameters else written.given)[keyword.arg] = (
            keyword.value
        )
    if part.__name__ == "poll" and "until" not in written.own:
        hint = "Add until=\"DBInstances[0].DBInstanceStatus == 'stopped'\"."
        raise Reject(node, "NS302", "aws.poll needs until", hint)
    return written


def _own(ctx: Context, node: ast.expr, name: str, part: ApiPart, operation: Operation) -> Expr:
    """A parameter of nightshift's own."""
    value = carried(ctx, node)
    kind = part_signature(part).parameters[name]
    if not fits(value, kind):
        raise Reject(node, "NS303", f"{name} of {part.name} is {kind}, not {value.type}", f"Give {an(kind)}.")
    if name == "until":
        if not isinstance(value.constant, str):
            raise Reject(node, "NS324", "until must be a constant text", "Write the condition out.")
        check_until(node, value.constant, operation)
    return value


def _allowed(ctx: Context, node: ast.expr | None, operation: Operation) -> list[Grant]:
    """The actions of `allow=[...]`."""
    if node is None:
        return []
    given = expression(ctx, node).constant
    if not isinstance(given, list) or not given or not all(isinstance(item, str) for item in given):
        raise Reject(node, "NS322", "allow is a list of IAM actions", _ALLOW)
    return [_action(node, item, operation) for item in given]


def _action(node: ast.expr, text: str, operation: Operation) -> Grant:
    match = _ACTION.fullmatch(text)
    if not match:
        raise Reject(node, "NS322", f"{text!r} in allow is not an IAM action", _ALLOW)
    found = known(match[1])
    own = match[1].partition(":")[2] == operation.name
    if found is None and not own:
        hint = did_you_mean(match[1], _near(match[1]), _ALLOW)
        raise Reject(node, "NS322", f"there is no IAM action {match[1]!r}", hint)
    if match[2]:
        return Grant(match[1], (match[2],))
    return Grant(match[1], (ROLES,) if match[1] == "iam:PassRole" else ("*",))


def _near(action: str) -> list[str]:
    return [found.name for found in table(action.partition(":")[0]).values()]


def _granted(
    node: ast.Call,
    operation: Operation,
    values: Mapping[str, Expr],
    params: Mapping[str, Expr],
    allowed: Iterable[Grant],
) -> tuple[Grant, ...]:
    """What the function has to be allowed for this call; nothing where it acts with the rights of another role."""
    if {"role_arn", "credentials_secret"} & set(params):
        return tuple(allowed)
    given: dict[str, Any] = {name: value.constant if value.is_constant else UNKNOWN for name, value in values.items()}
    region = params.get("region")
    where = "${AWS::Region}" if region is None else region.constant if region.is_constant else "*"
    where = "*" if "target" in params else where
    try:
        return (*grants(operation, given, where), *allowed)
    except NotDerived as error:
        if allowed:
            return tuple(allowed)
        guess = f'"{_likely(operation)}:{operation.name}"'
        hint = f"Say what it needs, as the service's page of the Service Authorization Reference does: allow=[{guess}]."
        raise Reject(node, "NS322", str(error), hint) from None


def _likely(operation: Operation) -> str:
    return next(prefixes(operation))
