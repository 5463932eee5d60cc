"""Tests and values of a flow in words, English and Japanese: what people read at a branch or a loop.

A test is said by what is true of its values, and what is true of a value depends on its type: an empty list "is empty",
a number "is 0". The compiler writes the types beside the nodes of the file while it compiles them (`typed`).
"""

from __future__ import annotations

import ast
from itertools import pairwise

from lambdas.runs.tree import Words
from nightshift.compiler.spoken_values import same, told, value
from nightshift.compiler.types import (
    BOOL,
    STR,
    DictType,
    ListType,
    OptionalType,
    RecordType,
    TupleType,
    Type,
    is_number,
)

TYPE = "type"
"""The attribute of a node whose value is tested or counted: its type."""

Both = tuple[Words, Words]
"""What is said of something when it is so, and when it is not."""

_COMPARED: dict[type[ast.cmpop], Words] = {
    ast.Eq: Words("{0} is {1}", "{0} が {1} である"),
    ast.NotEq: Words("{0} is not {1}", "{0} が {1} ではない"),
    ast.Lt: Words("{0} is less than {1}", "{0} が {1} より小さい"),
    ast.LtE: Words("{0} is at most {1}", "{0} が {1} 以下である"),
    ast.Gt: Words("{0} is more than {1}", "{0} が {1} より大きい"),
    ast.GtE: Words("{0} is at least {1}", "{0} が {1} 以上である"),
    ast.In: Words("{0} is in {1}", "{0} が {1} に含まれる"),
    ast.NotIn: Words("{0} is not in {1}", "{0} が {1} に含まれない"),
}
_COUNTED: dict[type[ast.cmpop], Words] = {
    ast.Eq: Words("{0} has exactly {1} {2}", "{0} がちょうど {1} {2}である"),
    ast.NotEq: Words("{0} does not have exactly {1} {2}", "{0} が {1} {2}ではない"),
    ast.Lt: Words("{0} has fewer than {1} {2}", "{0} が {1} {2}より少ない"),
    ast.LtE: Words("{0} has at most {1} {2}", "{0} が {1} {2}以下である"),
    ast.Gt: Words("{0} has more than {1} {2}", "{0} が {1} {2}より多い"),
    ast.GtE: Words("{0} has at least {1} {2}", "{0} が {1} {2}以上である"),
}
"""`len(x)` beside a number: what it has, how many of them, and what they are."""

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
    ast.In: ast.NotIn,
}
_OPPOSITE |= {against: way for way, against in _OPPOSITE.items()}
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}

_RESULTS: dict[str, Both] = {
    "changed": (Words("something was changed", "変更があった"), Words("nothing was changed", "変更がなかった")),
    "failed": (Words("something failed", "失敗があった"), Words("nothing failed", "失敗がなかった")),
    "matched": (Words("something matched", "該当があった"), Words("nothing matched", "該当がなかった")),
    "skipped": (
        Words("something was left alone", "対象外があった"),
        Words("nothing was left alone", "対象外がなかった"),
    ),
    "running": (
        Words("something is running", "実行中のものがある"),
        Words("nothing is running", "実行中のものがない"),
    ),
    "stopped": (
        Words("something is stopped", "停止中のものがある"),
        Words("nothing is stopped", "停止中のものがない"),
    ),
    "untagged": (
        Words("something lacks a tag", "タグのないものがある"),
        Words("nothing lacks a tag", "タグのないものはない"),
    ),
    "in_alarm": (
        Words("something is in alarm", "アラーム状態のものがある"),
        Words("nothing is in alarm", "アラーム状態のものがない"),
    ),
    "left": (Words("something is left", "未着手のものがある"), Words("nothing is left", "未着手のものがない")),
}
"""Lists of the results of parts, as tests: whether there is one in it, and that there is none."""

_METHODS: dict[str, Both] = {
    "startswith": (
        Words("{0} begins with {1}", "{0} が {1} で始まる"),
        Words("{0} does not begin with {1}", "{0} が {1} で始まらない"),
    ),
    "endswith": (
        Words("{0} ends with {1}", "{0} が {1} で終わる"),
        Words("{0} does not end with {1}", "{0} が {1} で終わらない"),
    ),
    "isdigit": (
        Words("{0} has digits only", "{0} が数字だけである"),
        Words("{0} has something else than digits", "{0} に数字以外がある"),
    ),
    "is_open": (Words("{0} is open", "{0} の時間内である"), Words("{0} is not open", "{0} の時間外である")),
    "is_business_day": (
        Words("it is a business day of {0}", "{0} の営業日である"),
        Words("it is no business day of {0}", "{0} の営業日ではない"),
    ),
    "is_holiday": (
        Words("it is a holiday of {0}", "{0} の祝日である"),
        Words("it is no holiday of {0}", "{0} の祝日ではない"),
    ),
    "business_day_of_month": (
        Words("it is business day {1} of the month ({0})", "{0} の月の第 {1} 営業日である"),
        Words("it is not business day {1} of the month ({0})", "{0} の月の第 {1} 営業日ではない"),
    ),
}
"""Methods of texts, windows and calendars that answer yes or no."""

_LAST_BUSINESS_DAY: Both = (
    Words("it is the last business day of the month ({0})", "{0} の月の最終営業日である"),
    Words("it is not the last business day of the month ({0})", "{0} の月の最終営業日ではない"),
)
_CONTAINS: Both = (
    Words("{1} contains {0}", "{1} に {0} が含まれる"),
    Words("{1} does not contain {0}", "{1} に {0} が含まれない"),
)
_ONE_OF: Both = (
    Words("{0} is {1}", "{0} が {1} のいずれかである"),
    Words("{0} is none of {1}", "{0} が {1} のいずれでもない"),
)
_SET: Both = (Words("{0} is set", "{0} が設定されている"), Words("{0} is not set", "{0} が設定されていない"))
_EMPTY: Both = (Words("{0} is empty", "{0} が空である"), Words("{0} is not empty", "{0} が空ではない"))
_DIVISIBLE: Both = (
    Words("{0} is divisible by {1}", "{0} が {1} で割り切れる"),
    Words("{0} is not divisible by {1}", "{0} が {1} で割り切れない"),
)
_VALUE: Both = (Words("{0} has a value", "{0} に値がある"), Words("{0} has no value", "{0} に値がない"))
_ZERO: Both = (Words("{0} is not 0", "{0} が 0 ではない"), Words("{0} is 0", "{0} が 0 である"))
_TRUE: Both = (Words("{0} is true", "{0} が真である"), Words("{0} is false", "{0} が偽である"))
_APPROVED: Both = (Words("{0} is approved", "{0} で承認された"), Words("{0} is not approved", "{0} で承認されなかった"))
_ALWAYS: Both = (Words("always", "常に"), Words("never", "行わない"))


def typed(node: ast.AST, kind: Type) -> None:
    """Write beside a node of the file what the type of its value is."""
    vars(node)[TYPE] = kind


def spoken_test(source: str | ast.expr) -> Words:
    """A test in words: `answer.approved` is "answer is approved", `not names` is "names is empty".

    source: an expression of the file, or Python. What has no words of its own stays as it is written.
    """
    node = ast.parse(source, mode="eval").body if isinstance(source, str) else source
    return told(_test(node, holds=True))


def spoken_loop(test: ast.expr) -> Words:
    """A `while` in words."""
    if isinstance(test, ast.Constant):
        return Words("Again and again", "繰り返し")
    words = spoken_test(test)
    return Words(f"As long as {words.en}", f"{words.ja}間、繰り返し")


def spoken(source: str | ast.expr) -> Words:
    """A value in words. source: an expression of the file, or Python."""
    return told(value(ast.parse(source, mode="eval").body if isinstance(source, str) else source))


def _test(node: ast.expr, *, holds: bool) -> Words:
    """What is said when a test is true, or when it is false: a `not` is said of each value, and not of a whole test."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _test(node.operand, holds=not holds)
    if isinstance(node, ast.BoolOp):
        return _several(node, holds)
    if isinstance(node, ast.Compare):
        return _compared(node, holds)
    if isinstance(node, ast.Constant):
        return _either(_ALWAYS, bool(node.value) == holds)
    if isinstance(node, ast.Call):
        return _asked(node, holds)
    if isinstance(node, ast.Attribute) and node.attr in _RESULTS and _is_list(node):
        return _either(_RESULTS[node.attr], holds)
    if isinstance(node, ast.Attribute) and node.attr == "approved":
        return _fill(_either(_APPROVED, holds), value(node.value))
    return _of_type(node, holds)


def _several(node: ast.BoolOp, holds: bool) -> Words:
    all_of = isinstance(node.op, ast.And) == holds
    parts = [_test(inner, holds=holds) for inner in node.values]
    # `and` binds closer than `or`: what stands the other way round needs to be seen as one.
    mixed = [isinstance(inner, ast.BoolOp) and type(inner.op) is not type(node.op) for inner in node.values]
    if all_of:
        parts = [Words(f"({p.en})", f"({p.ja})") if other else p for p, other in zip(parts, mixed, strict=True)]
    en = " and " if all_of else ", or " if any(mixed) else " or "
    return Words(en.join(p.en for p in parts), ("、かつ " if all_of else "、または ").join(p.ja for p in parts))


def _compared(node: ast.Compare, holds: bool) -> Words:
    sides = [node.left, *node.comparators]
    tests = [_pair(left, op, right, holds) for (left, right), op in zip(pairwise(sides), node.ops, strict=True)]
    en, ja = (" and ", "、かつ ") if holds else (" or ", "、または ")
    return Words(en.join(test.en for test in tests), ja.join(test.ja for test in tests))


def _pair(left: ast.expr, op: ast.cmpop, right: ast.expr, holds: bool) -> Words:
    way: type[ast.cmpop] = {ast.Is: ast.Eq, ast.IsNot: ast.NotEq}.get(type(op), type(op))
    if isinstance(left, ast.Constant) and not isinstance(right, ast.Constant) and way not in (ast.In, ast.NotIn):
        left, right, way = right, left, _TURNED.get(way, way)
    way = way if holds else _OPPOSITE[way]
    if way in (ast.In, ast.NotIn):
        return _contained(left, right, way is ast.In)
    if way in (ast.Eq, ast.NotEq) and (known := _equal(left, right, way is ast.Eq)) is not None:
        return known
    if (counted := _length(left)) is not None and (_length(right) is None):
        return _count(counted, way, right)
    return _fill(_COMPARED[way], value(left), value(right))


def _equal(left: ast.expr, right: ast.expr, same_: bool) -> Words | None:
    """What is equal to something that has words of its own."""
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mod) and _is(right, 0):
        return _fill(_either(_DIVISIBLE, same_), value(left.left), value(left.right))
    if _is(right, None):
        return _fill(_either(_SET, not same_), value(left))
    if isinstance(right, ast.Constant) and isinstance(right.value, bool):
        return _test(left, holds=right.value == same_)
    if _is(right, "") or (isinstance(right, ast.List | ast.Tuple) and not right.elts):
        return _fill(_either(_EMPTY, same_), value(left))
    return None


def _contained(left: ast.expr, right: ast.expr, inside: bool) -> Words:
    if isinstance(right, ast.List | ast.Tuple | ast.Set) and right.elts:
        items = [value(item) for item in right.elts]
        if len(items) == 1:
            return _fill(_COMPARED[ast.Eq if inside else ast.NotEq], value(left), items[0])
        en = [item.en for item in items]
        listed = Words(f"{', '.join(en[:-1])} {'or' if inside else 'and'} {en[-1]}", "、".join(i.ja for i in items))
        return _fill(_either(_ONE_OF, inside), value(left), listed)
    if isinstance(left, ast.Constant) and isinstance(left.value, str):
        return _fill(_either(_CONTAINS, inside), value(left), value(right))
    return _fill(_COMPARED[ast.In if inside else ast.NotIn], value(left), value(right))


def _length(node: ast.expr) -> ast.expr | None:
    """What is counted, of `len(x)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1:
        return node.args[0]
    return None


def _count(counted: ast.expr, way: type[ast.cmpop], number: ast.expr) -> Words:
    if _is(number, 0) and way in (ast.Eq, ast.LtE, ast.Gt, ast.NotEq):
        none = way in (ast.Eq, ast.LtE)
        if isinstance(counted, ast.Attribute) and counted.attr in _RESULTS:
            return _either(_RESULTS[counted.attr], not none)
        return _fill(_either(_EMPTY, none), value(counted))
    kind = vars(counted).get(TYPE)
    one = _is(number, 1)
    en, ja = ("character", "文字") if kind == STR else ("item", "件")
    return _fill(_COUNTED[way], value(counted), value(number), Words(en if one else f"{en}s", ja))


def _asked(node: ast.Call, holds: bool) -> Words:
    """A call whose answer is yes or no."""
    if isinstance(node.func, ast.Name) and node.func.id in ("any", "all") and len(node.args) == 1:
        return _of_each(node.func.id, node.args[0], node, holds)
    if isinstance(node.func, ast.Name) and node.func.id == "bool" and len(node.args) == 1:
        return _test(node.args[0], holds=holds)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        words = _METHODS[node.func.attr]
        if node.func.attr == "business_day_of_month" and node.args and ast.unparse(node.args[0]) == "-1":
            words = _LAST_BUSINESS_DAY
        return _fill(_either(words, holds), value(node.func.value), *map(value, node.args), same(""))
    if _length(node) is not None:
        return _count(node.args[0], ast.Gt if holds else ast.Eq, ast.Constant(0))
    return _of_type(node, holds)


def _of_each(which: str, items: ast.expr, node: ast.Call, holds: bool) -> Words:
    if not isinstance(items, ast.GeneratorExp | ast.ListComp) or len(items.generators) != 1:
        return _of_type(node, holds)
    each = items.generators[0]
    if each.ifs:
        return _of_type(node, holds)
    one, over = value(each.target), value(each.iter)
    test = _test(items.elt, holds=holds)
    if (which == "any") == holds:
        return Words(f"for some {one.en} of {over.en}, {test.en}", f"{over.ja} のいずれかの {one.ja} で、{test.ja}")
    return Words(f"for every {one.en} of {over.en}, {test.en}", f"{over.ja} のすべての {one.ja} で、{test.ja}")


def _of_type(node: ast.expr, holds: bool) -> Words:
    kind = vars(node).get(TYPE)
    said = value(node)
    if isinstance(kind, OptionalType) and kind.inner != BOOL:
        words = _SET if isinstance(kind.inner, RecordType) else _VALUE
    elif isinstance(kind, ListType | TupleType | DictType) or kind == STR:
        words = (_EMPTY[1], _EMPTY[0])
    elif isinstance(kind, RecordType):
        words = _SET
    elif kind is not None and is_number(kind):
        words = _ZERO
    else:
        words = _TRUE
    return _fill(_either(words, holds), said)


def _is_list(node: ast.expr) -> bool:
    kind = vars(node).get(TYPE)
    return kind is None or isinstance(kind, ListType)


def _is(node: ast.expr, constant: object) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is type(constant) and node.value == constant


def _either(words: Both, holds: bool) -> Words:
    return words[0 if holds else 1]


def _fill(form: Words, *values: Words) -> Words:
    return Words(form.en.format(*(v.en for v in values)), form.ja.format(*(v.ja for v in values)))
