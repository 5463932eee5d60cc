"""Values of a flow in words, English and Japanese: what a test is about, and what a loop goes over."""

from __future__ import annotations

import ast
import re

from lambdas.runs.tree import Words

_BETWEEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef\u201d]) (?=[\u3000-\u9fff\uff00-\uffef])")
"""A space between two Japanese words: they are written without."""

_QUOTES = "\u201c\u201d"
_TIME = re.compile(r"(\d+)([smhd]?)")
_UNITS = {"s": ("second", "秒"), "m": ("minute", "分"), "h": ("hour", "時間"), "d": ("day", "日")}


def told(words: Words) -> Words:
    """Words as they are shown."""
    return Words(words.en, _BETWEEN.sub(lambda m: m[0] if m.string[m.start() - 1] == "\u201d" else "", words.ja))


def same(text: str) -> Words:
    """A text that is the same in both languages."""
    return Words(text, text)


def value(node: ast.expr) -> Words:
    """A value in words; what has none stays as it is written."""
    match node:
        case ast.Name():
            return same(node.id.strip("_").replace("_", " ") or node.id)
        case ast.Attribute():
            return _field(node.attr, value(node.value))
        case ast.Subscript():
            return _item(node)
        case ast.Constant():
            return _constant(node.value)
        case ast.List() | ast.Tuple() if node.elts:
            items = [_inner(item) for item in node.elts]
            return Words(_listed([item.en for item in items]), "、".join(item.ja for item in items))
        case ast.BoolOp(op=ast.Or(), values=[given, ast.List(elts=[])]):
            # `notes or []`: that there may be nothing to go over says nothing.
            return value(given)
        case ast.Call():
            return _call(node)
    return same(ast.unparse(node))


def spoken_for(target: str, over: str) -> Words:
    """A `for` in words. target, over: its variables and what it goes over, as the flow has them."""
    one, node = ast.parse(target, mode="eval").body, ast.parse(over, mode="eval").body
    called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if target == "_" and called == "range" and isinstance(node, ast.Call) and len(node.args) == 1:
        times = value(node.args[0])
        return Words(f"{times.en} times", f"{times.ja} 回繰り返し")
    number = same("")
    if called == "enumerate" and isinstance(one, ast.Tuple):
        counter, one = one.elts
        number = Words(f", numbered by {value(counter).en}", f" (番号: {value(counter).ja})")
    each, of = _names(one), value(node)
    return Words(
        f"For each {_listed(each)} of {of.en}{number.en}", f"{of.ja} の各 {'、'.join(each)} について{number.ja}"
    )


def _names(target: ast.expr) -> list[str]:
    inner = target.elts if isinstance(target, ast.Tuple | ast.List) else []
    return [name for one in inner for name in _names(one)] or [value(target).en]


def spoken_wait(said: str, *, until: bool) -> Words:
    """What a wait is called. said: how long, or until when it is so, as the flow has it."""
    if until:
        return Words(f"Wait until {said}", f"{said} まで待機")
    written = value(ast.parse(said, mode="eval").body)
    time = Words(written.en.strip(_QUOTES), written.ja.strip(_QUOTES))
    found = _TIME.fullmatch(time.en)
    if not found:
        return Words(f"Wait {time.en}", f"{time.ja} 待機")
    count, (en, ja) = found[1], _UNITS[found[2] or "s"]
    return Words(f"Wait {count} {en if count == '1' else f'{en}s'}", f"{count} {ja}待機")


def _constant(written: object) -> Words:
    if isinstance(written, str):
        return same(f"\u201c{written}\u201d") if written else Words("an empty text", "空文字列")
    return Words("nothing", "値なし") if written is None else same(str(written))


def _inner(node: ast.expr) -> Words:
    return same(ast.unparse(node)) if isinstance(node, ast.List | ast.Tuple) else value(node)


_LISTS = {
    "matched": Words("what {0} matched", "{0} の該当"),
    "changed": Words("what {0} changed", "{0} で変更されたもの"),
    "failed": Words("what failed in {0}", "{0} の失敗"),
    "skipped": Words("what {0} left alone", "{0} の対象外"),
    "untagged": Words("what lacks a tag in {0}", "{0} のうちタグのないもの"),
    "running": Words("what is running in {0}", "{0} のうち実行中のもの"),
    "stopped": Words("what is stopped in {0}", "{0} のうち停止中のもの"),
    "left": Words("what is left of {0}", "{0} の未着手"),
}
"""Lists of the results of parts, as what a loop goes over."""


def _field(name: str, of: Words) -> Words:
    known = _LISTS.get(name)
    if known:
        return Words(known.en.format(of.en), known.ja.format(of.ja))
    name = name.replace("_", " ")
    return Words(f"the {name} of {of.en}", f"{of.ja} の {name}")


def _item(node: ast.Subscript) -> Words:
    of, key = value(node.value), node.slice
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return _field(key.value, of)
    written = ast.unparse(key)
    if written in ("0", "-1"):
        which = Words("first", "先頭") if written == "0" else Words("last", "末尾")
        return Words(f"the {which.en} of {of.en}", f"{of.ja} の{which.ja}")
    if isinstance(key, ast.Slice) and key.lower is None and key.step is None:
        if key.upper is None:
            return of
        most = value(key.upper)
        if not most.en.startswith("-"):
            return Words(f"the first {most.en} of {of.en}", f"{of.ja} の先頭 {most.ja} 件")
    return same(ast.unparse(node))


def _call(node: ast.Call) -> Words:
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in ("items", "keys", "values") and not node.args:
        return value(called.value)
    if isinstance(called, ast.Attribute) and called.attr == "get" and node.args:
        key = node.args[0]
        of = value(called.value)
        if isinstance(key, ast.Constant):
            return _field(str(key.value), of)
        return Words(f"the value of {of.en} for {value(key).en}", f"{of.ja} の {value(key).ja} の値")
    if isinstance(called, ast.Attribute):
        name = ast.unparse(called)
        return Words(f"the result of {name}", f"{name} の結果")
    name = ast.unparse(called)
    return _builtin(name, node) or same(f"{name}({', '.join(ast.unparse(argument) for argument in node.args)})")


def _builtin(name: str, node: ast.Call) -> Words | None:
    if name == "approval":
        return Words("the answer", "回答")
    if name == "range":
        return _range(node)
    if name == "accounts":
        return _accounts(node)
    if name == "zip":
        sides = [value(argument) for argument in node.args]
        return Words(f"the pairs of {_listed([s.en for s in sides])}", f"{' と '.join(s.ja for s in sides)} の組")
    if not node.args:
        return None
    of = value(node.args[0])
    if name in ("enumerate", "list", "str", "tuple"):
        return of
    if name == "len":
        return Words(f"the number of {_bare(of.en)}", f"{of.ja} の数")
    if name in ("sorted", "reversed"):
        word = Words("sorted", "並べ替えた") if name == "sorted" else Words("reversed", "逆順の")
        return Words(f"{of.en}, {word.en}", f"{word.ja} {of.ja}")
    known = _ONE_OF_ALL.get(name)
    if known and len(node.args) == 1:
        return Words(f"the {known.en} of {of.en}", f"{of.ja} の{known.ja}")
    return None


_ONE_OF_ALL = {"min": Words("smallest", "最小値"), "max": Words("largest", "最大値"), "sum": Words("sum", "合計")}


def _range(node: ast.Call) -> Words:
    first, end, *step = node.args if len(node.args) > 1 else [ast.Constant(0), *node.args]
    if step:
        low, high, by = value(first), value(end), value(step[0])
        return Words(
            f"the numbers from {low.en} to before {high.en} in steps of {by.en}",
            f"{low.ja} から {high.ja} の手前まで {by.ja} 刻みの数",
        )
    low = value(first)
    if isinstance(end, ast.Constant) and isinstance(end.value, int) and end.value > 0:
        return Words(f"the numbers {low.en} to {end.value - 1}", f"{low.ja}〜{end.value - 1} の数")
    below = value(end)
    if len(node.args) == 1:
        return Words(f"the numbers below {below.en}", f"{below.ja} 未満の数")
    return Words(f"the numbers from {low.en} to below {below.en}", f"{low.ja} 以上 {below.ja} 未満の数")


def _accounts(node: ast.Call) -> Words:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    of = given.get("ou", ast.Constant("*"))
    unit = value(of)
    everywhere = isinstance(of, ast.Constant) and of.value == "*"
    said = (
        Words("all accounts", "全アカウント")
        if everywhere
        else Words(f"the accounts of {unit.en}", f"{unit.ja} のアカウント")
    )
    if "regions" not in given:
        return said
    regions = value(given["regions"])
    return Words(f"{said.en} in {regions.en}", f"{said.ja} ({regions.ja})")


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _bare(text: str) -> str:
    return text.removeprefix("the ")
