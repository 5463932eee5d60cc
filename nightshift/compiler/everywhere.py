"""`accounts(...)`, and a call of a part in several accounts or Regions, which is a `for_each` over targets."""

from __future__ import annotations

import ast
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import TITLE, Part
from lambdas.contract.target import EVERYWHERE, RAILS, Target, check_everywhere
from lambdas.parts.organizations.list_accounts import list_accounts
from nightshift.compiler.branches import for_each_call
from nightshift.compiler.constants import check_constant
from nightshift.compiler.context import GIVEN, SAID, Context
from nightshift.compiler.declared import want
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.helpers import Function, helper_call
from nightshift.compiler.hints import from_hint
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import Signature
from nightshift.compiler.types import STR, ListType, list_of, plain

_HINT = 'Write regions=["eu-west-1"], and accounts="prod" where they are not those of this account.'


def accounts_call(ctx: Context, node: ast.Call) -> Expr:
    """`accounts(...)`: the targets that organizations.list_accounts gives."""
    if node.args:
        hint = 'Write accounts(ou="prod", regions=["eu-west-1"]).'
        raise Reject(node.args[0], "NS306", "accounts() takes its parameters by name", hint)
    listed = ast.copy_location(ast.Call(_name(node, "list_accounts", list_accounts), [], node.keywords), node)
    return carried(ctx, ast.copy_location(ast.Attribute(listed, "targets", ast.Load()), node))


def everywhere_call(ctx: Context, node: ast.Call, part: Part[..., Any], signature: Signature) -> Expr:
    """A call of a part with accounts= or regions=: `for_each(places, lambda target: part(..., target=target).summary)`.

    What the part is given is computed once, before: the call is compiled as that of a helper with such parameters.
    Raises Reject for what a run would refuse.
    """
    if node.args or any(keyword.arg is None for keyword in node.keywords):
        raise Reject(node, "NS304", f"{part.name} takes its parameters by name", "Write name=value.")
    given = {str(keyword.arg): keyword.value for keyword in node.keywords}
    titled = {TITLE: given.pop(TITLE)} if part.titled and TITLE in given else {}
    own = {name: value for name, value in given.items() if name not in (*EVERYWHERE, *RAILS)}
    try:
        check_everywhere(part.name, own)
    except InvalidParameter as error:
        raise Reject(node, "NS306", str(error), _HINT) from None
    for name, value in own.items():
        if name in signature.parameters:
            want(value, signature.parameters[name])
    places = _places(ctx, node, part.name, given)
    rails: dict[str, ast.expr] = {"max_failures": ast.copy_location(ast.Constant(0), node)}
    rails |= {name: value for name, value in given.items() if name in RAILS}
    at: dict[str, ast.expr] = {
        name: ast.copy_location(ast.Name(name, ast.Load()), value) for name, value in own.items()
    }
    called = _call(node, _name(node, part.__name__, part), {**at, **titled, "target": ast.Name("target", ast.Load())})
    one = ast.Lambda(_parameters(["target"]), ast.Attribute(called, "summary", ast.Load()))
    loop = _call(node, _name(node, "for_each", for_each_call), rails, [places, one])
    body: list[ast.stmt] = [ast.Return(loop)]
    helper = ast.FunctionDef(f"{part.__name__} everywhere", _parameters([*own]), body, [])
    for inner in ast.walk(helper):
        if not hasattr(inner, "lineno"):
            ast.copy_location(inner, node)
    return helper_call(ctx, _call(node, ast.Name(helper.name, ast.Load()), own), Function(helper, ctx.scope))


def _places(ctx: Context, node: ast.Call, part: str, given: dict[str, ast.expr]) -> ast.expr:
    """The expression of the targets."""
    chosen, regions = given.get("accounts"), given.get("regions")
    value = expression(ctx, chosen) if chosen is not None else None
    if chosen is not None and value is not None and _are_targets(value):
        if regions is not None:
            raise Reject(regions, "NS306", f"the accounts of {part} say their Regions", "Leave out regions.")
        return _known(chosen, value)
    if regions is None:
        raise Reject(node, "NS306", f"{part} needs regions= beside accounts=", _HINT)
    if chosen is not None and value is not None:
        units = _known(chosen, value)
        return _call(node, _name(node, "accounts", accounts_call), {"ou": units, "regions": regions})
    return _regions(ctx, regions, part)


def _regions(ctx: Context, regions: ast.expr, part: str) -> ast.expr:
    """The targets of the app's own account."""
    value, listed = expression(ctx, regions), regions
    check_constant(ctx, part, "regions", regions, value)
    if value.is_constant and isinstance(value.constant, str):
        items: list[ast.expr] = [ast.Constant(region.strip()) for region in value.constant.split(";")]
        listed = ast.List(items, ast.Load())
    elif plain(value.type) != list_of(STR):
        raise Reject(regions, "NS306", f"regions of {part} is a list of texts, not {value.type}", _HINT)
    else:
        listed = _known(regions, value)
    region = ast.comprehension(ast.Name("region", ast.Store()), listed, [], 0)
    empty = ast.Constant("")
    target = [empty, empty, ast.Name("region", ast.Load()), empty]
    made = ast.ListComp(ast.Call(_name(regions, "Target", Target), target, []), [region])
    made.__dict__[SAID] = ast.unparse(regions)
    return made


def _are_targets(value: Expr) -> bool:
    kind = plain(value.type)
    return isinstance(kind, ListType) and plain(kind.item) == from_hint(Target)


def _known(node: ast.expr, value: Expr) -> ast.expr:
    """An expression that has been computed: `value` in place of `node`."""
    if value.is_constant:
        return node
    made = _call(node, _name(node, "known", lambda ctx, node: value), {})
    made.__dict__[SAID] = ast.unparse(node)
    return made


def _name(node: ast.AST, name: str, meant: Any) -> ast.Name:
    """A name that stands for `meant` whatever the file calls so."""
    made = ast.copy_location(ast.Name(name, ast.Load()), node)
    made.__dict__[GIVEN] = meant
    return made


def _call(
    node: ast.AST, function: ast.expr, given: dict[str, ast.expr], args: list[ast.expr] | None = None
) -> ast.Call:
    keywords = [ast.keyword(name, value) for name, value in given.items()]
    return ast.copy_location(ast.Call(function, args or [], keywords), node)


def _parameters(names: list[str]) -> ast.arguments:
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
