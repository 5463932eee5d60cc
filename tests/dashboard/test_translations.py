"""What nightshift advises is said in Japanese, too: the table of the page has every text of its own."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path

from lambdas.alerts import stories, story
from lambdas.contract import hints
from lambdas.parts import find_part
from nightshift.compiler.part_titles import PART_TITLES_JA

TABLE = Path(__file__).parents[2] / "dashboard/src/i18n/remedies-ja.json"


def sentences(module: object, *functions: str) -> set[str]:
    """The texts in functions of a module that are whole sentences, and not pieces of an f-string."""
    found: set[str] = set()
    for node in ast.parse(inspect.getsource(module)).body:  # type: ignore[arg-type]
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            body = ast.walk(ast.Module(node.body[1:] if ast.get_docstring(node) else node.body, []))
            found |= {n.value for n in body if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {text for text in found if text.endswith(".") and " " in text and not text.startswith(("It ", " ", "No "))}


def test_every_remedy_is_in_japanese() -> None:
    own = {text for _, text in hints._ADVICE} | sentences(hints, "advice")
    own |= sentences(story, "_todo") | sentences(stories, "late_start", "late_end", "long") | {stories._TODO_LOST}
    own |= {*hints._HINTS.values(), hints._OTHERWISE, *(text for _, text in hints._FAMILIES)}
    own |= {text for name in PART_TITLES_JA for text in find_part(name).hints.values()}
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    assert own - table.keys() == set()
    assert table.keys() - own == set()
    assert len(own) > 60
    # Names of parts, parameters and errors stay as they are written.
    assert [japanese for japanese in table.values() if japanese.isascii()] == []
