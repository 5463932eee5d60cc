"""JSONata text: values with their type, and how they are put together without changing what they mean."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from nightshift.compiler.types import Type, of_constant

# How tightly JSONata operators bind, loosest first.
BLOCK, TERNARY, OR, AND, COMPARE, ADD, MULTIPLY, UNARY, ATOM = 0, 20, 25, 30, 40, 50, 60, 70, 100


class _NoConstant:
    def __repr__(self) -> str:
        return "no constant"


NO_CONSTANT: Any = _NoConstant()


@dataclass(frozen=True)
class Expr:
    """An expression of a flow as JSONata.

    code: the JSONata. binds: how tightly its outermost operator binds.
    reads: the state machine variables it reads.
    total: it never evaluates to undefined (an index or key that is not there does).
    template: the value as ASL writes it, when that is simpler than one expression (a constant, a literal list or dict).
    constant: the value, when it is known while compiling.
    unchecked: the same without the check that it has, where that has been made before.
    """

    code: str
    type: Type
    binds: int = ATOM
    reads: frozenset[str] = frozenset()
    total: bool = True
    template: Any = field(default=NO_CONSTANT, compare=False)
    constant: Any = NO_CONSTANT
    unchecked: Expr | None = field(default=None, compare=False)

    @property
    def is_constant(self) -> bool:
        """Whether the value is known while compiling."""
        return self.constant is not NO_CONSTANT

    @property
    def variable(self) -> str | None:
        """The name, where the value is that of a variable."""
        return self.code[1:] if re.fullmatch(r"\$\w+", self.code) else None

    def within(self, binds: int) -> str:
        """The code as an operand of an operator that binds this tightly; fails at run time where it is undefined."""
        code = self.code if self.total else defined(self.code)
        outer = self.binds if self.total else ATOM
        return code if outer > binds else f"({code})"

    def argument(self) -> str:
        """The code as an argument of a function, where every operator is loose enough."""
        return self.within(BLOCK)

    def asl(self) -> Any:
        """The value of a field of a state: a constant, a structure, or "{% ... %}"."""
        return self.template if _is_literal(self.template) else self.evaluated()

    def evaluated(self) -> str:
        """The value as "{% ... %}"."""
        return f"{{% {self.code} %}}"


def defined(code: str) -> str:
    """`code`, failing the state where it would be undefined: Python raises there, JSONata goes on with nothing."""
    return f"($v := {code}; $exists($v) ? $v : $error({text(_said(code))}))"


def _said(code: str) -> str:
    return f"no such item: {code.replace('$', '')}"


def text(value: str) -> str:
    """A string literal. `${` and `%}` are spelled so that neither CloudFormation nor Step Functions sees them.

    Nor is there a character in it that ends a line in JavaScript: asl-validator wants an expression on one line.
    """
    literal = json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return literal.replace("${", "\\u0024{").replace("%}", "\\u0025}").replace("{%", "{\\u0025")


def constant(value: Any) -> Expr:
    """A Python constant; `of_constant` must know its type."""
    kind = of_constant(value)
    assert kind is not None
    plain = list(value) if isinstance(value, tuple) else value
    binds = UNARY if isinstance(value, int | float) and not isinstance(value, bool) and value < 0 else ATOM
    return Expr(_literal(value), kind, binds, template=_template(plain), constant=plain)


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(v) for v in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{text(k)}: {_literal(v)}' for k, v in value.items())}}}"
    return json.dumps(value)


def _template(value: Any) -> Any:
    if isinstance(value, str):
        # ASL takes "{% ... %}" for an expression, and CloudFormation "${...}" for a placeholder.
        return f"{{% {text(value)} %}}" if re.search(r"\$\{|^\{%", value) else value
    if isinstance(value, list | tuple):
        return [_template(v) for v in value]
    if isinstance(value, dict):
        return {k: _template(v) for k, v in value.items()}
    return value


def _is_literal(value: Any) -> bool:
    """Whether every reader of ASL takes the value as it is.

    asl-validator 4 wants these as expressions: an empty text, a text of several lines, and a list in a list; for
    CloudFormation a key must not look like a placeholder.
    """
    if isinstance(value, str):
        return bool(re.fullmatch(r"[^\n\r\u2028\u2029]+", value))
    if isinstance(value, list):
        return all(_is_literal(item) and not isinstance(item, list) for item in value)
    if isinstance(value, dict):
        return all(map(_is_literal, value.values())) and not any("${" in key for key in value)
    return value is not NO_CONSTANT


def reads(*expressions: Expr) -> frozenset[str]:
    """Every variable the expressions read."""
    return frozenset().union(*(e.reads for e in expressions))


def binary(left: Expr, operator: str, right: Expr, kind: Type, binds: int) -> Expr:
    """`left operator right`; the right operand is bracketed when it binds no tighter, as - and / need."""
    code = f"{left.within(binds - 1)} {operator} {right.within(binds)}"
    return Expr(code, kind, binds, reads(left, right))


def call(function: str, kind: Type, *arguments: Expr, total: bool = True) -> Expr:
    """`$function(arguments)`."""
    code = f"${function}({', '.join(a.argument() for a in arguments)})"
    return Expr(code, kind, ATOM, reads(*arguments), total)


_FUNCTION_NAMES = """
abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent
distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber
fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad parse parseInteger
partition power random range reduce replace reverse round shuffle sift single sort split spread sqrt string substring
substringAfter substringBefore sum toMillis trim type uppercase uuid zip
"""
FUNCTIONS = frozenset([*_FUNCTION_NAMES.split(), "v", "w"])
"""Names a variable of the state machine must not hide: JSONata's functions, and our own locals `$v` and `$w`."""
