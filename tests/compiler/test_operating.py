"""What a flow says to people: titles, and its docstring in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors
from nightshift.operating import flow_texts

HEAD = "from nightshift import Preset, flow\n"


def errors(tmp_path: Path, text: str) -> list[str]:
    """What is wrong with a flow file."""
    file = tmp_path / "wrong.py"
    file.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(CompileErrors) as found:
        compile_file(file)
    return [error.message for error in found.value.errors]


def test_a_docstring_is_read_by_language_and_parameter() -> None:
    texts = flow_texts(
        "Stop.\n\nMore.\n\nParameters:\na: What i.e. whom. Then\n  more.\nb: The rest\n\n日本語：止める。"
    )
    assert texts.en.doc == "Stop.\n\nMore."
    assert [(n, t.title, t.description) for n, t in texts.en.parameters.items()] == [
        ("a", "What i.e. whom", "Then more."),
        ("b", "The rest", ""),
    ]
    assert (texts.ja.doc, dict(texts.ja.parameters)) == ("止める。", {})
    assert flow_texts("").ja.doc == ""


@pytest.mark.parametrize("title", ["''", "' '", "'x' * 81", "5"])
def test_a_title_that_is_none_is_refused(tmp_path: Path, title: str) -> None:
    (message,) = errors(tmp_path, f"@flow(title={title})\ndef f():\n    return 1\n")
    assert "write a text of 1 to 80 characters" in message


def test_a_parameter_that_only_the_docstring_has_is_refused(tmp_path: Path) -> None:
    text = '@flow\ndef f(tag: str = "x"):\n    """Do.\n\n    Parameters:\n    tga: Which.\n    """\n    return tag\n'
    assert errors(tmp_path, text) == ["the docstring tells of 'tga', which f does not take"]


PRESETS = """@flow(operators=["desk"], presets={
    "A": {"tag": "Name=a"},
    "B": Preset({"n": 2}, title_ja="\u4e59", form=True, groups="desk"),
})
def f(tag: str = "x", n: int | None = None, force: bool = False):
    return tag


@flow(presets={"Ask": Preset({}, form=True)})
def needs(tag: list[str]):
    return len(tag)
"""


def test_a_preset_is_parameters_by_title(tmp_path: Path) -> None:
    file = tmp_path / "presets.py"
    file.write_text(HEAD + PRESETS, encoding="utf-8")
    flow, needs = compile_file(file)
    presets = flow.options.operating.presets
    assert {title: dict(preset.parameters) for title, preset in presets.items()} == {
        "A": {"tag": "Name=a"},
        "B": {"n": 2},
    }
    assert [(p.title_ja, p.form, p.groups) for p in presets.values()] == [(None, False, ()), ("乙", True, ("desk",))]
    assert needs.options.operating.presets["Ask"].form


@pytest.mark.parametrize(
    ("presets", "place", "message"),
    [
        ('{"A": {"tag": "x", "tga": "y"}}', '"y"', "preset 'A' gives 'tga', which f does not take"),
        ('{"A": {"tag": 5}}', "5", "preset 'A': 'tag' of f is str, not 5"),
        ('{"A": {"tag": None}}', "None", "preset 'A': 'tag' of f is str, not None"),
        ('{"A": {"tag": "x", "ids": ["a", 1]}}', '["a"', "preset 'A': 'ids' of f is list[str], not ['a', 1]"),
        ('{"A": {"tag": "x", "n": True}}', "True", "preset 'A': 'n' of f is int | None, not True"),
        ('{"A": {"tag": "x", "size": "huge"}}', '"huge"', "preset 'A': 'size' of f is 's' or 'm', not 'huge'"),
        ('{"A": {"tag": "x", "ids": {"a"}}}', '{"a"}', "preset 'A': 'ids' of f is list[str], not {'a'}"),
        ('{"A": Preset(parameters={"tag": 5})}', "5", "preset 'A': 'tag' of f is str, not 5"),
        ('{"A": {"n": 1}}', '{"n"', "preset 'A' leaves out tag, which f needs"),
        ('{"A": {"tag": "x"}, "A": {"tag": "y"}}', '"A": {"tag": "y"', "two presets of f are called 'A'"),
        ('{"A": Preset({"tag": "x"}, groups=["b"])}', "Preset", "preset 'A' is for 'b', who may not start f"),
        ('{"": {"tag": "x"}}', "", "the title of a preset is '': write a text of 1 to 80 characters"),
        ('{"A": 5}', "", 'a preset is 5: write its parameters, as {"tag": "Name=a"}'),
        ('["A"]', "", 'presets is [\'A\']: write {"Server A": {"tag": "Name=a"}}'),
        ('{"A": Preset({"tag": "x"}, form=1)}', "", "form of a preset is 1: write True or False"),
        ('{"A": Preset({"tag": "x"}, titel="x")}', "", "Preset has no option 'titel'"),
    ],
)
def test_a_wrong_preset_is_said_where_it_is_written(tmp_path: Path, presets: str, place: str, message: str) -> None:
    file = tmp_path / "wrong.py"
    line = f"@flow(operators=['a'], presets={presets})"
    head = 'def f(tag: str, ids: list[str] = [], n: int | None = None, size: Literal["s", "m"] = "s"):'
    file.write_text(f"from typing import Literal\n{HEAD}{line}\n{head}\n    return tag\n", encoding="utf-8")
    with pytest.raises(CompileErrors) as found:
        compile_file(file)
    (error,) = found.value.errors
    assert error.message == message
    if place:
        assert (error.line, line[error.column - 1 :].startswith(place)) == (3, True), error
