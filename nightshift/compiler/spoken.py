"""Expressions of a flow in words, English and Japanese: what people read at a branch or a loop."""

from __future__ import annotations

import ast
from typing import NamedTuple

from lambdas.runs.tree import Words

_COMPARED: dict[type[ast.cmpop], Words] = {
    ast.Eq: Words("{0} is {1}", "{0} が {1} である"),
    ast.Is: Words("{0} is {1}", "{0} が {1} である"),
    ast.NotEq: Words("{0} is not {1}", "{0} が {1} ではない"),
    ast.IsNot: Words("{0} is not {1}", "{0} が {1} ではない"),
    ast.Lt: Words("{0} is less than {1}", "{0} が {1} より小さい"),
    ast.LtE: Words("{0} is at most {1}", "{0} が {1} 以下"),
    ast.Gt: Words("{0} is more than {1}", "{0} が {1} より大きい"),
    ast.GtE: Words("{0} is at least {1}", "{0} が {1} 以上"),
    ast.In: Words("{0} is in {1}", "{0} が {1} に含まれる"),
    ast.NotIn: Words("{0} is not in {1}", "{0} が {1} に含まれない"),
}
_RESULTS = {
    "changed": (Words("something was changed", "変更があった"), Words("nothing was changed", "変更がなかった")),
    "failed": (Words("something failed", "失敗があった"), Words("nothing failed", "失敗がなかった")),
    "matched": (Words("something matched", "該当があった"), Words("nothing matched", "該当がなかった")),
    "skipped": (Words("something was skipped", "スキップがあった"), Words("nothing was skipped", "スキップがなかった")),
    "running": (Words("something is running", "実行中がある"), Words("nothing is running", "実行中がない")),
    "stopped": (Words("something is stopped", "停止中がある"), Words("nothing is stopped", "停止中がない")),
    "untagged": (
        Words("something lacks a tag", "タグなしがある"),
        Words("nothing lacks a tag", "タグなしがない"),
    ),
}
"""Lists of the results of parts, as tests: whether there is one in it, and that there is none."""

_AND, _OR = Words(" and ", " かつ "), Words(" or ", " または ")


class _Said(NamedTuple):
    """What stands for an expression. test: whether it says by itself that something is so."""

    words: Words
    test: bool = False


def spoken_test(source: str) -> Words:
    """A test in words: `stopped.failed` is "something failed", `not x` is "there is no x".

    source: a Python expression. What has no words of its own stays as it is written.
    """
    return _test(ast.parse(source, mode="eval").body)


def spoken(source: str) -> Words:
    """A value in words. source: a Python expression."""
    return _value(ast.parse(source, mode="eval").body).words


def _test(node: ast.expr) -> Words:
    if isinstance(node, ast.BoolOp):
        word = _AND if isinstance(node.op, ast.And) else _OR
        parts = [_test(value) for value in node.values]
        return Words(word.en.join(part.en for part in parts), word.ja.join(part.ja for part in parts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _not(node.operand)
    if isinstance(node, ast.Attribute) and node.attr in _RESULTS:
        return _RESULTS[node.attr][0]
    said = _value(node)
    if said.test:
        return said.words
    return Words(f"there is {said.words.en}", f"{said.words.ja} がある")


def _not(node: ast.expr) -> Words:
    if isinstance(node, ast.BoolOp | ast.Compare | ast.UnaryOp):
        inner = _test(node)
        return Words(f"not ({inner.en})", f"「{inner.ja}」ではない")
    if isinstance(node, ast.Attribute) and node.attr in _RESULTS:
        return _RESULTS[node.attr][1]
    said = _value(node)
    if said.test:
        return Words(f"not ({said.words.en})", f"「{said.words.ja}」ではない")
    return Words(f"there is no {said.words.en}", f"{said.words.ja} がない")


def _value(node: ast.expr) -> _Said:
    if isinstance(node, ast.Name):
        return _Said(_same(node.id.replace("_", " ")))
    if isinstance(node, ast.Attribute):
        of, name = _value(node.value).words, node.attr.replace("_", " ")
        return _Said(Words(f"{name} of {of.en}", f"{of.ja} の {name}"))
    if isinstance(node, ast.Constant):
        return _Said(_same(f"\u201c{node.value}\u201d" if isinstance(node.value, str) else str(node.value)))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = [_value(node.left).words, _value(node.comparators[0]).words]
        form = _COMPARED[type(node.ops[0])]
        en, ja = form.en.format(*(side.en for side in sides)), form.ja.format(*(side.ja for side in sides))
        return _Said(Words(en, ja), test=True)
    if isinstance(node, ast.Call):
        return _call(node)
    return _Said(_same(ast.unparse(node)), test=True)


def _call(node: ast.Call) -> _Said:
    if isinstance(node.func, ast.Name) and node.func.id == "range" and len(node.args) == 1:
        of = _value(node.args[0]).words
        return _Said(Words(f"the numbers below {of.en}", f"{of.ja} 未満の数"))
    if isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1:
        of = _value(node.args[0]).words
        return _Said(Words(f"number of {of.en}", f"{of.ja} の数"))
    if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        # `HOURS.is_open()`: what it is asked is said by its name.
        of, asked = _value(node.func.value).words, node.func.attr.replace("_", " ")
        if asked.startswith(("is ", "has ")):
            return _Said(Words(f"{of.en} {asked}", f"{of.ja} {asked}"), test=True)
    return _Said(_same(ast.unparse(node)), test=True)


def _same(text: str) -> Words:
    return Words(text, text)
