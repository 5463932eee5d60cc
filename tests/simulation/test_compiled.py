"""Expressions as Python functions give what the interpreter gives, or leave it to the interpreter."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from sfnx.testing import Failure

from nightshift.simulation.compiled import UNDEFINED, Unsure
from nightshift.simulation.expressions import Expressions, _Expression

PROGRAMS = 2000
SCALARS = [None, True, False, 0, 1, 2, -1, 1.0, 2.5, 2**53, 2**53 + 1, "", "a", "true"]
LITERALS = ["null", "true", "false", "0", "1", "2.5", "-1", '"a"', '""', "9007199254740992", "9007199254740993"]
OPERATORS = ["=", "!=", "and", "or", "<", "<=", ">", ">=", "+", "-", "&", "*"]
CONTEXT = Expressions(lambda: 0.0, Random(1))


def a_value(random: Random, depth: int = 0) -> Any:
    """Any JSON value; most are objects of the fields a, b and c."""
    kind = random.randrange(4) if depth < 3 else 3
    if kind < 2:
        return {name: a_value(random, depth + 1) for name in "abc" if random.random() < 0.7}
    if kind == 2:
        return [a_value(random, depth + 1) for _ in range(random.randrange(3))]
    return random.choice(SCALARS)


def an_expression(random: Random, depth: int = 0) -> str:
    """Any expression of those that are compiled, and some that are not."""

    def inner() -> str:
        return an_expression(random, depth + 1)

    match random.randrange(10) if depth < 4 else random.randrange(3):
        case 0:
            return random.choice(LITERALS)
        case 1:
            return random.choice(["$a", "$b", "$missing"])
        case 2:
            begin = random.choice(["$a", "$b", "$states.input", "$missing"])
            return begin + "".join(f".{random.choice('abc')}" for _ in range(random.randrange(1, 3)))
        case 3:
            return f"({inner()} {random.choice(OPERATORS)} {inner()})"
        case 4:
            return f"({inner()} ? {inner()}{random.choice(['', f' : {inner()}'])})"
        case 5:
            return f"${random.choice(['exists', 'not', 'count', 'type', 'string'])}({inner()})"
        case 6:
            begin, place = (
                random.choice(["$list", "$a.b", "($list)"]),
                random.choice(["0", "1", "-1", "$number", "1.0"]),
            )
            return f"({begin}[{place}]){random.choice(['', '.a'])}"
        case 7:
            return f"[{', '.join(inner() for _ in range(random.randrange(3)))}]"
        case 8:
            body = random.choice(["$v", "$v.a", '"a" & $v', inner()])
            mapped = f"$map({random.choice(['$list', inner()])}, function($v) {{ {body} }})[]"
            return f"$append({random.choice(['[]', '$list', inner()])}, {random.choice([mapped, '$list', inner()])})"
        case _:
            return f"($v := {inner()}; $v{random.choice(['', '.a', ' = 1', '[0]'])})"


def interpreted(expression: _Expression, variables: dict[str, Any], states: dict[str, Any]) -> str:
    """What the interpreter gives, as JSON; "" when it fails."""
    try:
        return json.dumps(expression._interpreted(CONTEXT, variables, states))
    except Failure:
        return ""


def test_random_expressions_give_what_the_interpreter_gives() -> None:
    random, sure = Random(20260401), 0
    for _ in range(PROGRAMS):
        code = an_expression(random)
        expression = _Expression(code)
        items = [a_value(random, random.randrange(4)) for _ in range(random.randrange(3))]
        variables = {"a": a_value(random), "b": a_value(random), "list": items, "number": random.randrange(3)}
        states = {"input": a_value(random)}
        wanted = interpreted(expression, variables, states)
        if expression._simple is None:
            continue
        try:
            value = expression._simple(variables, states)
        except Unsure:
            continue
        sure += 1
        assert ("" if value is UNDEFINED else json.dumps(value)) == wanted, (code, variables, states)
    assert sure > PROGRAMS / 5


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ('$states.input.polled = "x" ? $states.input.state : null', {"n": [1]}),
        ("$exists($states.input.dry_run) and $not($states.input.dry_run = true)", False),
        ('($v := $states.input.to; $type($v) = "string" ? $v : $error("no text"))', "ops"),
        ("$count($states.input.state.n) > 0", True),
        ("($n := $states.input.state.n; $n[0])", 1),
        ("[$states.input.to, 1]", ["ops", 1]),
        (
            '$append($states.input.state.n, $append([], $map($states.input.all, function($v) { "a" & $v })[]))',
            [1, "ab"],
        ),
    ],
)
def test_what_flows_evaluate_most_needs_no_interpreter(code: str, value: Any) -> None:
    states = {"input": {"polled": "x", "state": {"n": [1]}, "dry_run": True, "to": "ops", "all": ["b"]}}
    expression = _Expression(code)
    assert interpreted(expression, {}, states) == json.dumps(value)
    assert expression._simple is not None
    assert expression._simple({}, states) == value


def test_a_variable_of_a_functions_name_hides_the_function() -> None:
    expression = _Expression("$count($a)")
    assert interpreted(expression, {"a": [1], "count": 1}, {}) == ""
    assert expression._simple is not None
    with pytest.raises(Unsure):
        expression._simple({"a": [1], "count": 1}, {})
