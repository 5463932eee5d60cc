"""The rows of "Differences" in docs/language.md, by the beginning of each, with the flows that show them.

`Shown` is a small flow with what CPython and the machine make of it. `CORPUS` names flows of the corpus whose cases
tell the two apart, which all engines run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FAILS = "States.QueryEvaluationError"


@dataclass(frozen=True)
class Shown:
    """A flow `shown`, from its parameters on, and how it ends: a result as canonical JSON, or the name of an error.

    calls: of parts, of CPython and of the machine. before: what stands above the flow.
    """

    source: str
    cpython: str
    machine: str = FAILS
    given: Mapping[str, Any] = field(default_factory=dict)
    calls: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    before: str = ""

    @property
    def text(self) -> str:
        """The flow, and what stands above it."""
        return f"{self.before}@flow\ndef shown{self.source}\n"


def _large(body: str, cpython: str, **others: Any) -> Shown:
    """A flow that has 20,000 ids in `found.matched`."""
    return Shown(
        f"():\n    found = fake.inventory(count=20_000)\n{body}", cpython, calls=(("inventory",),) * 2, **others
    )


def _any(annotation: str, value: Any, body: str, cpython: str, machine: str = FAILS) -> Shown:
    """A flow that gives a value of type Any an annotation."""
    return Shown(f"(v: Any):\n    x: {annotation} = v\n    return {body}", cpython, machine, given={"v": value})


_CAUGHT = "    except Exception:\n        return 0\n    finally:\n        fake.act(name='a')"
_HOST = (
    "@dataclass\nclass Host:\n    name: str\n    size: int = 1\n\n\n"
    "class Row(TypedDict):\n    name: str\n    size: int\n\n\n"
)
_GIVES = "@flow\ndef gives() -> fake.Found:\n    return fake.find(count=40_000)\n\n\n"

ROWS: dict[str, tuple[Shown, ...]] = {
    "an index out of range": (
        Shown("(xs: list[int] = [1], i: int = 1):\n    return xs[i]", "IndexError"),
        Shown("(xs: list[int] = [1], i: int = -2):\n    return xs[i]", "IndexError"),
        Shown("(s: str = 'a', i: int = 1):\n    return s[i]", "IndexError"),
        Shown("(d: dict[str, int] = {}, k: str = 'a'):\n    return d[k]", "KeyError"),
        Shown("(n: int = 0):\n    return 1 / n", "ZeroDivisionError"),
        Shown("(n: int = 0):\n    return 1 // n", "ZeroDivisionError"),
        Shown("(n: int = 0):\n    return 1 % n", "ZeroDivisionError"),
        Shown("(s: str = 'five'):\n    return int(s)", "ValueError"),
        Shown("(s: str = 'five'):\n    return s.index('x')", "ValueError"),
        Shown("(s: str = 'a', by: str = ''):\n    return s.split(by)", "ValueError"),
        Shown("(s: str = 'a'):\n    a, b = s.split('=')\n    return [a, b]", "ValueError"),
        Shown("(s: str = 'a=b=c'):\n    a, b = s.split('=')\n    return [a, b]", "ValueError"),
        Shown("(s: str = 'soon'):\n    return age_in_days(s)", "ValueError"),
        Shown("(n: int = -3):\n    sleep(n)", "InvalidParameter"),
        Shown(
            f"(n: int = 0):\n    try:\n        return 1 // n\n{_CAUGHT}",
            "0",
            calls=(("act a",), ()),
        ),
        Shown(
            "(n: int = 0):\n    try:\n        return 1 // n\n    finally:\n        fake.act(name='a')",
            "ZeroDivisionError",
            calls=(("act a",), ()),
        ),
    ),
    '`int(" 5")`': (
        Shown("(s: str = ' 5'):\n    return int(s)", "5"),
        Shown("(s: str = '+5'):\n    return int(s)", "5"),
        Shown("(s: str = '1_000'):\n    return int(s)", "1000"),
        Shown("(s: str = '５'):\n    return int(s)", "5"),
        Shown("(s: str = ' 5.5'):\n    return float(s)", "5.5"),
        Shown("(s: str = '+5.5'):\n    return float(s)", "5.5"),
        Shown("(s: str = '1_000.5'):\n    return float(s)", "1000.5"),
        Shown("(s: str = '.5'):\n    return float(s)", "0.5"),
        Shown("(s: str = '5.'):\n    return float(s)", "5"),
        Shown("(s: str = 'inf'):\n    return float(s) > 1", "true"),
        Shown("(s: str = '1e400'):\n    return float(s) > 1", "true"),
    ),
    "a value of type `Any` that is not": (
        _any("list[str]", "ab", "[i for i in x]", '["a", "b"]'),
        _any("int", True, "x + 1", "2"),
        _any("str", 5, "x", "5"),
        _any("list[str]", [1], "x", "[1]"),
        _any("dict[str, int]", {"a": "b"}, "x", '{"a": "b"}'),
        _any("list[list[str]]", [[1]], "x", "[[1]]", "[[1]]"),
        Shown("(v: Any):\n    return of(v)", "3", given={"v": 3}, before="def of(x: str) -> str:\n    return x\n\n\n"),
        Shown("(v: Any):\n    return of(v)", "3", given={"v": 3}, before="def of(x: Any) -> str:\n    return x\n\n\n"),
        Shown("(v: Any) -> str:\n    return v", "3", given={"v": 3}),
    ),
    "`s.replace(old, new)`": (Shown("(old: str = ''):\n    return 'ab'.replace(old, '-')", '"-a-b-"'),),
    "`True == 1` inside": (
        Shown("(v: Any = [True]):\n    return [v == [1], v == [True]]", "[true, true]", "[false, true]"),
        Shown("(v: Any = {'a': True}):\n    return v == {'a': 1}", "true", "false"),
    ),
    "the order of keys": (),
    "a field of a TypedDict or dataclass that is missing": (
        Shown("(row: Row):\n    return row['size']", "KeyError", given={"row": {"name": "a"}}, before=_HOST),
        Shown("(host: Host):\n    return host.size", "1", given={"host": {"name": "a"}}, before=_HOST),
        Shown("(host: Host):\n    return host.name", "TypeError", given={"host": {"size": 2}}, before=_HOST),
    ),
    "`s.lower()`": (
        Shown("(s: str = 'Σ'):\n    return s.lower()", '"σ"'),
        Shown("(s: str = 'ẞ'):\n    return s.lower()", '"ß"'),
        Shown("(s: str = 'Ꭰ'):\n    return s.lower()", '"ꭰ"'),
        Shown("(s: str = 'ᾈ'):\n    return s.lower()", '"ᾀ"'),
    ),
    "a field that a dataclass does not have": (
        Shown(
            "(host: Host):\n    return host",
            "TypeError",
            '{"extra": 1, "name": "a", "size": 1}',
            given={"host": {"name": "a", "size": 1, "extra": 1}},
            before=_HOST,
        ),
    ),
    "a run started with a value": (
        Shown("(n: int):\n    fake.act(name='a')\n    return n", "TypeError", given={"n": "5"}),
        Shown("(xs: list[str]):\n    fake.act(name='a')\n    return xs", "TypeError", given={"xs": "5"}),
    ),
    '`f"{-0.0:.1f}"`': (Shown("(x: float = -0.0):\n    return f'{x:.1f}'", '"-0.0"', '"0.0"'),),
    "floats beyond": (
        Shown("(x: float = 1e308):\n    return x * 10 > 1", "true"),
        Shown("(x: float = 1e308):\n    return x + x > 1", "true"),
    ),
    "ints beyond 2^53": (
        Shown("(n: int = 9007199254740992):\n    return n + 1", "9007199254740993", "9007199254740992"),
        Shown("(s: str = '9007199254740993'):\n    return int(s)", "9007199254740993", "9007199254740992"),
        Shown(
            "(n: int):\n    return n - 9007199254740992",
            "1",
            "0",
            given={"n": 9007199254740993},
        ),
    ),
    "`sum()` of floats": (),
    "order of text": (),
    "a list or dict of more than 240 KiB": (
        _large("    n = 0\n    for i in found.matched:\n        n += 1\n        break\n    return n", "1"),
        _large("    return 'i-1' in found.matched", "false"),
        _large("    return found.matched == ['i-1']", "false"),
        _large("    return len(found.matched[:2])", "2"),
        _large("    return len(found.matched + ['i-1'])", "20001"),
        _large("    return sorted(found.matched)[0]", '"i-00000000000000000"'),
        _large("    return len([i for i in found.matched if i])", "20000"),
        _large("    return len({'ids': found.matched, 'n': 1})", "2"),
        _large("    xs = []\n    for n in [1]:\n        xs.append(found.matched)\n    return len(xs)", "1"),
        _large(
            "    by: dict[str, list[str]] = {}\n    for r in ['a', 'b']:\n        by[r] = found.matched\n"
            "    return len(by)",
            "2",
        ),
        _large(
            "    return [len(found.matched), len(found.tags), bool(found.matched)]",
            "[20000, 20000, true]",
            machine="[20000, 20000, true]",
        ),
    ),
    "a text of more than 240 KiB": (_large("    return len(found.text)", "619999", machine="ResultTooLarge"),),
    "a result of more than 240 KiB": (
        Shown(
            "():\n    return len(gives().matched)",
            "40000",
            calls=(("find",), ("find",)),
            before=_GIVES,
        ),
    ),
    "`parallel`, `for_each`": (),
    "an error in `for_each` beyond 40": (),
    "`timeout=` of the flow": (),
    "errors of Step Functions itself": (),
    "throttling, `retry=`": (),
    "a question to a calendar": (),
}
"""The beginning of each row; one without a flow here has a test of its own in test_differences.py."""

CORPUS: dict[str, tuple[str, ...]] = {
    "an index out of range": (
        "defaults.a_default_that_is_not_used",
        "defaults.an_argument_that_is_not_used",
        "differences.division_by_zero",
        "differences.expression_errors_pass_the_clauses_for_nightshifts",
        "differences.index_out_of_range",
        "differences.missing_key",
        "differences.remainder_by_zero",
        "due_dates.days_and_timestamps_only",
        "numbers_and_text.text_divided_by_a_variable",
        "order_and_choices.characters",
        "text_methods.where",
        "unpacking.lists_of_lists",
        "unpacking.split_in_two",
    ),
    '`int(" 5")`': ("differences.int_of_text", "numbers_and_text.float_of_text"),
    "a value of type `Any` that is not": (
        "declared_types.a_bool_or_none",
        "declared_types.a_dict",
        "declared_types.a_list_of_text",
        "declared_types.a_text",
        "declared_types.an_int",
        "declared_types.each_of_anything",
        "declared_types.what_a_flow_declares",
    ),
    "a question to a calendar": ("dates.outside_the_years", "dates.the_day_after_the_last"),
    "`s.lower()`": ("differences.small_letters_that_depend_on_the_implementation",),
    "a run started with a value": ("differences.started_with_another_type",),
    '`f"{-0.0:.1f}"`': ("differences.a_zero_has_no_sign",),
    "a list or dict of more than 240 KiB": (
        "large_values.any_read",
        "large_values.compared",
        "large_values.dict_read",
        "large_values.given_to_a_flow",
        "large_values.joined_and_read",
        "large_values.joined_in_a_loop",
        "large_values.kept_under_a_key",
        "large_values.looped_over",
        "large_values.read_in_a_branch",
        "large_values.read_in_expressions",
        "large_values.read_in_records",
        "large_values.sliced",
        "large_values.taken_from_a_flow",
        "large_values.untyped",
    ),
    "a text of more than 240 KiB": (
        "large_values.text_read",
        "large_values.text_that_does_not_fit_is_an_error",
    ),
}
"""The flows of the corpus with a case that CPython ends in another way, by row."""
