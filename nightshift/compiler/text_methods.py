"""Methods of a str that have a JSONata counterpart."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from nightshift.compiler import jsonata
from nightshift.compiler.jsonata import Expr, binary, call, constant, reads
from nightshift.compiler.lower_case import lower
from nightshift.compiler.module import Reject
from nightshift.compiler.types import (
    ANY,
    BOOL,
    INT,
    NONE,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    OptionalType,
    list_of,
    tuple_of,
)

Method = Callable[[ast.Call, Expr, list[Expr]], Expr]

_SPACE = r"[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
"""What Python takes for white space; $trim would also change what is between words."""

_LINE_END = r"/\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/"
"""Where Python ends a line."""

_BASIC = re.compile(r"[^\ud800-\udfff\U00010000-\U0010ffff]*")
"""What a class of a regular expression takes one by one in every implementation."""


def wrong_value(node: ast.Call, value: Expr, hint: str) -> Reject:
    """Why a function or method does not take a value of this type."""
    code = "NS203" if value.type in (ANY, UNKNOWN) else "NS207"
    if isinstance(value.type, OptionalType):
        hint = "Test for None first: `if x is not None:`."
    return Reject(node, code, f"{ast.unparse(node.func)}() of {value.type}", hint)


def texts(node: ast.Call, arguments: list[Expr]) -> list[Expr]:
    """The arguments, which have to be text."""
    for argument in arguments:
        if argument.type != STR:
            raise wrong_value(node, argument, "It takes text; write str(x).")
    return arguments


def _join(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    kind = arguments[0].type
    if not isinstance(kind, ListType) or kind.item not in (STR, UNKNOWN):
        hint = "join() takes a list of str; write [str(x) for x in xs]."
        if isinstance(kind, DictType):
            said = ast.unparse(node.args[0])
            hint = f'join() takes a list of str; write {said}.keys(), or [f"{{k}}={{v}}" for k, v in {said}.items()].'
        raise wrong_value(node, arguments[0], hint)
    return call("join", STR, arguments[0], owner)


def _replace(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    old, new = texts(node, arguments)
    if not old.constant:
        raise Reject(node, "NS207", "replace() of an empty text", "Give the text to be replaced.")
    # $replace takes "$1" in the new text for a group with some implementations.
    code = f"$join($split({owner.argument()}, {_filled(old)}), {new.argument()})"
    return Expr(code, STR, reads=reads(owner, old, new))


def _filled(value: Expr) -> str:
    """A text to divide by, or to be replaced; nothing would be before every character."""
    if value.is_constant:
        return value.code
    said = jsonata.text("the text to divide by, or to be replaced, is empty")
    return f'($w := {value.argument()}; $w = "" ? $error({said}) : $w)'


def _wanted(node: ast.Call, arguments: list[Expr]) -> Expr:
    (wanted,) = texts(node, arguments)
    if not wanted.constant:
        what = f"{ast.unparse(node.func)}() of an empty text"
        raise Reject(node, "NS207", what, "Give the separator, or the text to look for.")
    return wanted


def _split(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    return _divided(node, owner, arguments, from_end=False)


def _rsplit(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    return _divided(node, owner, arguments, from_end=True)


def _divided(node: ast.Call, owner: Expr, arguments: list[Expr], *, from_end: bool) -> Expr:
    """`s.split()`, `s.split("=")`, `s.split("=", 1)`, and the same from the end."""
    if not arguments:
        words = f'$replace({_without(owner, f"^{_SPACE}", f"{_SPACE}$")}, /{_SPACE}/, " ")'
        code = f'($v := {words}; $v = "" ? [] : $append([], $split($v, " ")))'
        return Expr(code, list_of(STR), reads=owner.reads)
    if arguments[0].type == NONE:
        hint = f'Write " ".join({ast.unparse(node.func)}()[1:]) for the rest after the first word.'
        raise Reject(node, "NS207", "white space divides at all places", hint)
    separator, most = _wanted(node, arguments[:1]), arguments[1].constant if len(arguments) > 1 else -1
    if not isinstance(most, int) or isinstance(most, bool):
        raise Reject(node, "NS207", "how often to split must be a constant", 'Write s.split("=", 1).')
    parts = f"$append([], $split({owner.argument()}, {_filled(separator)}))"
    if most == 0:
        parts = f"$append([], [{owner.argument()}])"
    elif most > 0:
        at = f"$count($v) - {most}" if from_end else str(most)
        one_by_one = f"$filter($v, function($_x, $_i) {{ $_i {'>=' if from_end else '<'} {at} }})[]"
        rest = f"$join($filter($v, function($_x, $_i) {{ $_i {'<' if from_end else '>='} {at} }}), $w)"
        both = f"$append({rest}, {one_by_one})" if from_end else f"$append({one_by_one}, {rest})"
        parts = f"($w := {separator.argument()}; $v := {parts}; $count($v) <= {most + 1} ? $v : {both})"
    return Expr(parts, list_of(STR), reads=reads(owner, separator))


def _lines(node: ast.Call, owner: Expr, _: list[Expr]) -> Expr:
    end = jsonata.text("\n")
    code = (
        f"($v := $replace({owner.argument()}, {_LINE_END}, {end}); $_n := $length($v) - 1; "
        f"$v := $_n >= 0 and $substring($v, $_n) = {end} ? $substring($v, 0, $_n) : $v; "
        f"$_n < 0 ? [] : $append([], $split($v, {end})))"
    )
    return Expr(code, list_of(STR), reads=owner.reads)


def _partition(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    separator = _wanted(node, arguments)
    found = "[$substringBefore($v, $w), $w, $substringAfter($v, $w)]"
    code = f'{_both(owner, separator)} $contains($v, $w) ? {found} : [$v, "", ""])'
    return Expr(code, tuple_of((STR, STR, STR)), reads=reads(owner, separator))


def _rpartition(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    separator = _wanted(node, arguments)
    before = "$join($filter($_p, function($_x, $_i) { $_i < $count($_p) - 1 }), $w)"
    found = f"($_p := $split($v, $w); [{before}, $w, $_p[-1]])"
    code = f'{_both(owner, separator)} $contains($v, $w) ? {found} : ["", "", $v])'
    return Expr(code, tuple_of((STR, STR, STR)), reads=reads(owner, separator))


def _both(owner: Expr, wanted: Expr) -> str:
    return f"($v := {owner.argument()}; $w := {_filled(wanted)};"


def _count(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    wanted = _wanted(node, arguments)
    if wanted.is_constant:
        return Expr(f"$count($split({owner.argument()}, {wanted.code})) - 1", INT, jsonata.ADD, reads(owner, wanted))
    # Nothing is before every character, and at the end.
    times = '$w = "" ? $length($v) + 1 : $count($split($v, $w)) - 1'
    return Expr(f"($v := {owner.argument()}; $w := {wanted.argument()}; {times})", INT, reads=reads(owner, wanted))


def _position(missing: str) -> Method:
    """`s.find(...)` and the like. missing: what they give where it is not there."""

    def compiled(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
        wanted = _wanted(node, arguments)
        code = (
            f'($v := {owner.argument()}; $w := {wanted.argument()}; $w = "" ? 0 : '
            f"$contains($v, $w) ? $length($substringBefore($v, $w)) : {missing})"
        )
        return Expr(code, INT, reads=reads(owner, wanted))

    return compiled


def _either(one: Callable[[Expr, Expr], Expr]) -> Method:
    """A test of a text that takes one other or a tuple of several."""

    def compiled(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
        if not isinstance(node.args[0], ast.Tuple):
            return one(owner, texts(node, arguments)[0])
        several = arguments[0].constant if arguments[0].is_constant else None
        if not several or not all(isinstance(text, str) for text in several):
            hint = 'Write them out: ("a", "b").'
            raise Reject(node.args[0], "NS207", "the texts to compare with must be constants", hint)
        result, *others = [one(owner, constant(text)) for text in several]
        for other in others:
            result = binary(result, "or", other, BOOL, jsonata.OR)
        return result

    return compiled


def _startswith(owner: Expr, start: Expr) -> Expr:
    head = call("substring", STR, owner, constant(0), call("length", INT, start))
    return binary(head, "=", start, BOOL, jsonata.COMPARE)


def _endswith(owner: Expr, end: Expr) -> Expr:
    code = (
        f"($v := {owner.argument()}; $w := {end.argument()}; "
        "$length($w) <= $length($v) and $substring($v, $length($v) - $length($w)) = $w)"
    )
    return Expr(code, BOOL, reads=reads(owner, end))


def _without_start(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    (start,) = texts(node, arguments)
    code = (
        f"($v := {owner.argument()}; $w := {start.argument()}; "
        "$substring($v, 0, $length($w)) = $w ? $substring($v, $length($w)) : $v)"
    )
    return Expr(code, STR, reads=reads(owner, start))


def _without_end(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    (end,) = texts(node, arguments)
    code = (
        f"($v := {owner.argument()}; $w := {end.argument()}; $_n := $length($v) - $length($w); "
        "$_n >= 0 and $substring($v, $_n) = $w ? $substring($v, 0, $_n) : $v)"
    )
    return Expr(code, STR, reads=reads(owner, end))


def _stripped(*patterns: str) -> Method:
    """`s.strip()` and the like: of white space, or of the characters of a constant. patterns: {0} is a run of those."""

    def compiled(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
        characters = arguments[0].constant if arguments else None
        if arguments and not (isinstance(characters, str) and _BASIC.fullmatch(characters)):
            hint = 'Write the characters out: s.strip("/").'
            raise Reject(node.args[0], "NS207", "what to strip must be a constant text", hint)
        if characters == "":
            return owner
        run = f"[{''.join(map(_in_class, characters))}]+" if isinstance(characters, str) else _SPACE
        code = _without(owner, *(pattern.replace("{0}", run) for pattern in patterns))
        return Expr(code, STR, reads=owner.reads)

    return compiled


def _in_class(character: str) -> str:
    """A character inside of [...] in a regular expression, spelled by its number unless it is a letter or digit."""
    return character if character.isascii() and character.isalnum() else f"\\u{ord(character):04x}"


def _without(owner: Expr, *patterns: str) -> str:
    code = owner.argument()
    for pattern in patterns:
        code = f'$replace({code}, /{pattern}/, "")'
    return code


STR_METHODS: dict[str, tuple[int, int, Method]] = {
    "join": (1, 1, _join),
    "split": (0, 2, _split),
    "rsplit": (1, 2, _rsplit),
    "splitlines": (0, 0, _lines),
    "partition": (1, 1, _partition),
    "rpartition": (1, 1, _rpartition),
    "count": (1, 1, _count),
    "find": (1, 1, _position("-1")),
    "index": (1, 1, _position(f"$error({jsonata.text('the text to look for is not there')})")),
    "lower": (0, 0, lambda node, owner, _: lower(owner)),
    "upper": (0, 0, lambda node, owner, _: call("uppercase", STR, owner)),
    "startswith": (1, 1, _either(_startswith)),
    "endswith": (1, 1, _either(_endswith)),
    "removeprefix": (1, 1, _without_start),
    "removesuffix": (1, 1, _without_end),
    "strip": (0, 1, _stripped("^{0}", "{0}$")),
    "lstrip": (0, 1, _stripped("^{0}")),
    "rstrip": (0, 1, _stripped("{0}$")),
    "replace": (2, 2, _replace),
}
"""Method -> how few and how many arguments it takes, and what compiles it."""
