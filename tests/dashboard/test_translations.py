"""What nightshift advises is said in Japanese, too: the table of the page has every text of its own."""

from __future__ import annotations

import ast
import inspect
import json
import re
from pathlib import Path

from holidays import country_holidays

from lambdas.alerts import stories, story
from lambdas.approval import deciding
from lambdas.contract import hints, invocation
from lambdas.dashboard import problems
from lambdas.parts import find_part
from lambdas.runs.part_titles import PART_TITLES_JA, title_ja
from nightshift.triggers.calendar import Calendar

ROOT = Path(__file__).parents[2]
I18N = ROOT / "dashboard/src/i18n"
TABLE = I18N / "remedies-ja.json"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
ALLOWED = {"p50", "p90", "p99", "CSV", "JSON", "Region", "IAM", "AWS", "ARN", "ID", "UTC"}
"""Words of AWS and of files that are the same in Japanese."""


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


STOPPED = "{} of {} failed, and max_failures is {}: {} of {} done, {} failed, {} not started"
HEADS = {
    "{}: {} of {} resources failed",
    "{}: {} of {} resources would fail",
    "Changed before that: {}",
    "Would change before that: {}",
    "{} not started: {}",
    "{} would not be started: {}",
    "not started: {}",
    "  ... and {} more",
    "{}: nothing matched {}",
    "{} gave up after {}, still waiting for {}",
    invocation._LATER.strip(),
    *(f"{STOPPED}{first}{left}" for first in ("", "; first {}: {}") for left in ("", "; not started: {}")),
}
"""What stands around the resources that failed."""
VERDICTS = {"Failed": 1, "Skipped": 0, "Already": 0}
"""Where a verdict on a resource has its text."""


def with_gaps(node: ast.AST) -> str | None:
    """A text with {} in the place of each value, or None for what is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w+\}", "{}", node.value)
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces = [piece.value if isinstance(piece, ast.Constant) else "{}" for piece in node.values]
    return "".join(map(str, pieces)).replace("{id}", "{}")


def texts_of_verdicts(tree: ast.AST) -> set[str]:
    """What is said of resources: the texts of verdicts, and all others that name a resource as '{id}'."""
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    nodes: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in inside and "'{}'" in (with_gaps(node) or ""):
            nodes.append(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in VERDICTS:
            for said in node.args[VERDICTS[node.func.id] :][:1]:
                nodes += [said.body, said.orelse] if isinstance(said, ast.IfExp) else [said]
    return {text for node in nodes if (text := with_gaps(node)) and text.strip("'{} ") and "\n" not in text}


AUTHORS = "InvalidParameter"
"""What the author of a flow wrote wrongly: only for what every call has in common it is in Japanese."""


def texts_of_errors(tree: ast.AST, *, all_calls: bool) -> set[str]:
    """What errors say that end a step. all_calls: whether the module serves the calls of every part."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            kind, text = ast.unparse(node.exc.func), with_gaps(node.exc.args[0])
            # AttributeError, TypeError and ValueError are for machines: they become errors of nightshift elsewhere.
            ours = kind not in ("AttributeError", "TypeError", "ValueError") and (all_calls or kind != AUTHORS)
            if ours and text and len(re.findall(r"\b[a-z]+\b", text)) > 1:
                found.add(text)
    return found


def test_what_parts_say_of_failed_and_skipped_resources_is_in_japanese() -> None:
    files = [file for room in ("parts", "engine") for file in (ROOT / "lambdas" / room).rglob("*.py")]
    own = {text for file in files for text in texts_of_verdicts(ast.parse(file.read_text(encoding="utf-8")))}
    for room in ("parts", "engine", "contract"):
        for file in (ROOT / "lambdas" / room).rglob("*.py"):
            own |= texts_of_errors(ast.parse(file.read_text(encoding="utf-8")), all_calls=room != "parts")
    table = json.loads((I18N / "causes-ja.json").read_text(encoding="utf-8"))
    assert sorted(own - table.keys()) == []
    assert sorted(table.keys() - own - HEADS) == []
    assert table.keys() >= HEADS
    assert len(own) > 150
    for english, japanese in table.items():
        numbers = {int(n) for n in re.findall(r"\{(\d)", japanese)} | set(range(japanese.count("{}")))
        assert numbers == set(range(english.count("{}"))), english


def test_every_error_of_a_request_is_in_japanese() -> None:
    raised = {"ApiError", *(error.__name__ for error in problems.ApiError.__subclasses__())}
    own = {
        node.args[0].value
        for file in (ROOT / "lambdas/dashboard").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in raised
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    table = json.loads((I18N / "problems-ja.json").read_text(encoding="utf-8"))
    begin = ("this is no", "you started", "others decide")
    decided = {text for text in sentences_of(deciding) if text.startswith(begin)}
    assert len(own) > 35
    assert len(decided) == 3
    assert table.keys() == own | decided
    assert [japanese for japanese in table.values() if japanese.isascii()] == []


def sentences_of(module: object) -> set[str]:
    """All texts in a module."""
    found = ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]
    return {node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_holiday_of_japan_has_its_name() -> None:
    table = json.loads((I18N / "holidays-ja.json").read_text(encoding="utf-8"))
    names = {part for name in Calendar("JP").data.holidays.values() for part in name.split(", ")}
    assert table.keys() == names
    years = range(2020, 2060)
    english = country_holidays("JP", years=years, language="en_US", expand=False)
    japanese = country_holidays("JP", years=years, language="ja", expand=False)
    for day, name in english.items():
        assert [table[part] for part in name.split("; ")] == japanese[day].split("; ")


def test_parts_of_the_page_are_said_in_japanese_and_are_not_said_in_english_words() -> None:
    for name, title in PART_TITLES_JA.items():
        # Names of AWS are written as AWS writes them; a sentence in English has words without capitals.
        words = re.findall(r"\b[a-z]{3,}\b", title)
        assert not words, (name, words)
        assert any("\u3040" <= letter <= "\u9fff" for letter in title), name
    assert None not in {title_ja(f"aws.{name}") for name in ("call", "poll", "wait")}
    assert title_ja("mine.own") is None


def test_the_japanese_words_of_the_page_are_no_english_sentences() -> None:
    """Each text of the Japanese catalogues; the words of schedules have a test of their own, dashboard/tests."""
    left: list[str] = []
    files = {*(ROOT / "dashboard/src").rglob("*.ts*")} - {I18N / "schedule-words.ts"}
    for file in sorted(files):
        source = file.read_text(encoding="utf-8")
        for text in japanese_texts(file.name, source):
            words = [word for word in re.findall(r"[A-Za-z][A-Za-z'.-]+", text) if word not in ALLOWED]
            if words and not JAPANESE.search(text):
                left.append(f"{file.name}: {text}")
    assert left == []


def japanese_texts(name: str, source: str) -> list[str]:
    """The texts of the Japanese half of a file of words: all of ja.ts and open-ja.ts, else what follows `const ja`."""
    begin = 0 if name in ("ja.ts", "open-ja.ts", "told-ja.ts") else source.find("\nconst ja")
    if begin < 0:
        return []
    half = source[begin:].partition("\nexport ")[0] if begin else source
    texts = re.findall(r":\s*(?:\([^)]*\) =>\s*)?[\"`]([^\"`]+)[\"`]", half)
    return [re.sub(r"\$\{[^}]*\}", "", text) for text in texts]
