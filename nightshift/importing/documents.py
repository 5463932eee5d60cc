"""Reads JSON and YAML, and remembers on which line each object began."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lambdas.contract.errors import NightshiftError


class ImportProblem(NightshiftError):
    """What is to be imported cannot be read; the message says where, what, and what to write instead."""

    def __init__(self, path: Path, line: int, message: str, hint: str) -> None:
        super().__init__(f"{path}:{line}: {message}\n    {hint}")


class Entry(dict[str, Any]):
    """An object of a document.

    path, line: where it begins; lines count from 1. lines: the line of each of its keys.
    """

    def __init__(self, path: Path, line: int) -> None:
        super().__init__()
        self.path = path
        self.line = line
        self.lines: dict[str, int] = {}

    def problem(self, key: str | None, message: str, hint: str) -> ImportProblem:
        """An error at one of its keys, or at its beginning."""
        return ImportProblem(self.path, self.lines.get(key or "", self.line), message, hint)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Numbers and truth as JSON and YAML 1.2 have them: 17:00 is text, and so is a date."""

    document = Path()


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in found
        if tag.rpartition(":")[2] not in ("timestamp", "int", "float", "value", "merge")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?\d+$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?\d+\.\d*$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Iterator[Entry]:
    entry = Entry(loader.document, node.start_mark.line + 1)
    yield entry
    loader.flatten_mapping(node)
    for key, value in node.value:
        name = str(loader.construct_object(key))
        entry[name] = loader.construct_object(value, deep=True)
        entry.lines[name] = key.start_mark.line + 1


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> str:
    """An intrinsic function of CloudFormation, as it is written: "!Ref Zone"."""
    return f"!{suffix} {node.value if isinstance(node, yaml.ScalarNode) else '...'}"


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
_Loader.add_multi_constructor("!", _function)


def load_document(path: Path) -> list[Any]:
    """The documents of a JSON, JSON Lines or YAML file, with its objects as `Entry`.

    Raises ImportProblem where it is none of them, OSError where it cannot be read.
    """
    text = _read(path)
    if not text.strip():
        raise ImportProblem(path, 1, "the file is empty", "Give the file that the other tool wrote.")
    if text.lstrip()[0] not in "{[":
        return [_load(path, text, 0)]
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        lines = text.splitlines()
        if error.msg == "Extra data" and all(_is_json(line) for line in lines if line.strip()):
            return [_load(path, line, number) for number, line in enumerate(lines) if line.strip()]
        raise ImportProblem(path, error.lineno, f"this is no JSON: {error.msg}", "Correct it there.") from None
    # JSON has no tabs but between its tokens, where YAML wants none.
    return [_load(path, text.expandtabs(), 0)]


def _load(path: Path, text: str, before: int) -> Any:
    """before: how many lines of the file come before the text."""
    loader = _Loader("\n" * before + text)
    loader.document = path
    try:
        return loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        line = mark.line + 1 if mark else before + 1
        raise ImportProblem(path, line, f"this is no YAML: {said}", "Correct it there.") from None
    finally:
        loader.dispose()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ImportProblem(path, 1, "the file is not text in UTF-8", "Save it as UTF-8.") from None


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except json.JSONDecodeError:
        return False
    return True
