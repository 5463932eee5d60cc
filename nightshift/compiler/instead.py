"""What to write instead of Python's functions and methods that are not part of the flow language."""

from __future__ import annotations

import ast

from nightshift.compiler.types import BOOL, STR, DictType, Type, is_number

ONE_DICT = "Make one and add to it: both = {k: a[k] for k in a}, then `for k, v in b.items(): both[k] = v`."
"""Instead of what puts two dicts together."""

INSTEAD_OF_FUNCTIONS = {
    "print": "Return it as the result of the run, or send it: notify.email(..., body=text).",
    "set": "Of texts write a dict, which keeps each once: list({x: x for x in xs}).",
    "frozenset": "Of texts write a dict, which keeps each once: list({x: x for x in xs}).",
    "tuple": "Write a list; for startswith any(s.startswith(x) for x in xs).",
    "dict": 'Write it out: {}, {"key": value}, {x: ... for x in xs}, or {k: v for k, v in zip(ks, vs)}.',
    "isinstance": "Say what it is by an annotated assignment: `value: str = ...`; the run fails where it is not.",
    "range": "Loop over it, or write [n for n in range(...)].",
    "enumerate": "Loop over it: `for i, x in enumerate(xs):`.",
    "zip": "Loop over it: `for x, y in zip(xs, ys):`.",
    "reversed": "Write sorted(xs, key=..., reverse=True), or count down: `for i in range(len(xs) - 1, -1, -1):`.",
    "map": "Write [f(x) for x in xs].",
    "filter": "Write [x for x in xs if test].",
    "open": "A run has no files: give values as parameters, or read them with a part.",
    "input": "Give the flow a parameter, or ask with approval(...).",
    "getattr": "Write the field out: record.field.",
    "hasattr": "Test the field: `if record.field is not None:`.",
    "divmod": "Write a // b and a % b.",
    "pow": "Write a ** b.",
}
"""By the name of the function."""

_OF_PATTERNS = "Write startswith, endswith, in, split, partition or find of the text."
_OF_PATHS = "A run has no files; of a text write s.split('/')[-1]."
_OF_WEB = "Write http.request(...), a part."
INSTEAD_OF_MODULES = {
    "json": "Give the value itself: parts take and give lists and dicts, and so does the result of the run.",
    "re": _OF_PATTERNS,
    "sre": _OF_PATTERNS,
    "math": "Write a // b to round down, -(-a // b) to round up, or round(x).",
    "collections": "Count and group in a dict: counts[key] = counts.get(key, 0) + 1.",
    "itertools": "Write a loop, or a comprehension with one `for`.",
    "functools": "Write a loop, or a function of the file.",
    "statistics": "Write sum(xs) / len(xs), or sorted(xs)[len(xs) // 2].",
    "os": "A run has no environment and no files: give the flow a parameter.",
    "posixpath": _OF_PATHS,
    "pathlib": _OF_PATHS,
    "random": "A run repeats nothing by chance: give the flow a parameter, or let a part choose.",
    "uuid": "Give the flow a parameter, or let a part make it.",
    "logging": "Return it as the result of the run, or send it: notify.email(..., body=text).",
    "boto3": 'Write aws.call("ec2", "describe_instances", ...), or a part.',
    "urllib": _OF_WEB,
    "requests": _OF_WEB,
    "subprocess": "Write ssm.run_command(...), a part.",
    "dataclasses": "Make the record anew: Host(name=h.name, size=2).",
    "copy": "Lists and dicts do not change: give it another name.",
}
"""By the module of the function."""

_OF_LISTS = {
    "extend": "{0} = {0} + {1}",
    "insert": "{0} = [x] + {0}",
    "sort": "{0} = sorted({0})",
    "reverse": "{0} = sorted({0}, key=..., reverse=True)",
    "remove": "{0} = [x for x in {0} if x != y]",
    "clear": "{0} = []",
    "copy": "ys = {0}",
    "count": "len([x for x in {0} if x == y])",
}
_OF_DICTS = {
    "update": '{0}["key"] = value for each, in a loop `for key, value in other.items():`',
    "setdefault": '{0}["key"] = {0}.get("key", otherwise)',
    "pop": '{{k: {0}[k] for k in {0} if k != "key"}}',
    "clear": "{0} = {{}}",
    "copy": "{{k: {0}[k] for k in {0}}}",
    "items": "`for key, value in {0}.items():`",
}


_OF_DIGITS = '{0} != "" and all({0}[i] in "0123456789" for i in range(len({0})))'
_OF_TEXT = {
    "format": 'f"{{name}}: {{n}}"',
    "capitalize": "{0}[:1].upper() + {0}[1:].lower()",
    "title": '" ".join([x[:1].upper() + x[1:].lower() for x in {0}.split(" ")])',
    "ljust": 'f"{{{0}:<20}}"',
    "rjust": 'f"{{{0}:>20}}"',
    "center": 'f"{{{0}:^20}}"',
    "zfill": 'f"{{n:03d}}" of an int',
    "casefold": "{0}.lower()",
    "isdigit": _OF_DIGITS,
    "isnumeric": _OF_DIGITS,
    "isdecimal": _OF_DIGITS,
    "isspace": '{0} != "" and {0}.strip() == ""',
    "isupper": "{0} == {0}.upper() and {0} != {0}.lower()",
    "islower": "{0} == {0}.lower() and {0} != {0}.upper()",
}
_SPLIT = 'Write {0}.split() for words, {0}.split("="), or {0}.split("=", 1).'


def without_item(item: ast.Subscript) -> str:
    """A hint for `del d["key"]`."""
    owner, key = ast.unparse(item.value), ast.unparse(item.slice)
    return f"Make one without it: left = {{k: {owner}[k] for k in {owner} if k != {key}}}; of a list, add its slices."


def instead_of_operator(operator: ast.operator, left: Type, right: Type) -> str:
    """A hint for an operator that Python has for these types, or "" for one that it has not either."""
    if isinstance(operator, ast.Mult):
        return 'Repeat it in a comprehension: [x for _ in range(n)], "".join([text for _ in range(n)]).'
    if isinstance(left, DictType) and isinstance(right, DictType):
        return ONE_DICT
    if isinstance(operator, ast.Mod) and left == STR:
        return 'Write an f-string: f"{n} of {total}".'
    if isinstance(operator, ast.LShift | ast.RShift | ast.BitAnd | ast.BitOr | ast.BitXor | ast.MatMult):
        return "There are + - * / // % and **, and for tests `and`, `or` and `not`."
    return "Write int(x) of the bool." if BOOL in (left, right) and (is_number(left) or is_number(right)) else ""


def instead_of_text_method(said: str, method: str, otherwise: str) -> str:
    """A hint for a method of the text that is written as `said`. otherwise: what there is."""
    return f"Write {_OF_TEXT[method].format(said)}. {otherwise}" if method in _OF_TEXT else otherwise


def instead_of_arguments(said: str, method: str, otherwise: str) -> str:
    """A hint for a method that takes other arguments."""
    if method == "replace":
        return (
            f'Write {said}.replace("a", "b"), which replaces all; for the first alone, "b".join({said}.split("a", 1)).'
        )
    return _SPLIT.format(said) if method in ("split", "rsplit") else otherwise


def instead_of_list_method(said: str, method: str, given: str) -> str:
    """A hint for a method of the list that is written as `said`. given: the first argument as it is written, or ""."""
    if method == "pop":
        return f"Lists do not change: read {said}[-1], and go on with {said}[:-1]."
    if method == "index":
        return f"Count in a loop: `for i, x in enumerate({said}):`."
    if method in ("len", "length", "size"):
        return f"Write len({said})."
    if method == "join":
        return f"Write {given or repr(', ')}.join({said})."
    if method in _OF_LISTS:
        return f"Lists do not change: write {_OF_LISTS[method].format(said, given or 'ys')}."
    return f"Lists do not change: write {said} = {said} + [x]."


def instead_of_dict_method(said: str, method: str) -> str:
    """A hint for a method of the dict that is written as `said`."""
    instead = f"Write {_OF_DICTS[method].format(said)}; " if method in _OF_DICTS else ""
    return f"{instead}dict has get, keys, values, and in a loop items."
