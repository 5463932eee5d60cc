"""What the compiler says of a wrong flow: where, which code, and what to write instead; everything at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightshift.cli.compiling import check
from nightshift.compiler import compile_file
from nightshift.compiler.codes import CODES
from nightshift.compiler.verify import depth
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.project import load_flows

HERE = Path(__file__).parent
FILES = sorted((HERE / "diagnostics").glob("*.py"))
LANGUAGE = HERE.parent.parent / "docs" / "language.md"
MARK = re.compile(r"^#( *)([<^]) (NS\d{3}) (.+)$")


def expected(path: Path) -> dict[tuple[int, int, str], str]:
    """(line, column, code) -> part of the hint, from the marks: `^` under the place, `#<` for the first column."""
    found: dict[tuple[int, int, str], str] = {}
    line = 0
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = MARK.match(text)
        if mark is None:
            line = number
            continue
        column = 1 if mark[2] == "<" else len(mark[1]) + 2
        found[line, column, mark[3]] = mark[4]
    return found


def errors(path: Path) -> list[Diagnostic]:
    """What is wrong with a file."""
    with pytest.raises(CompileErrors) as raised:
        compile_file(path)
    return raised.value.errors


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mark_is_found_and_nothing_else(path: Path) -> None:
    """All errors of the file at once, each at its line and column, with a hint."""
    wanted = expected(path)
    found = {(e.line, e.column, e.code): e for e in errors(path)}
    assert {k: str(found[k].render()) for k in found.keys() - wanted.keys()} == {}
    assert wanted.keys() - found.keys() == set()
    for place, hint in wanted.items():
        assert hint in found[place].hint or hint in found[place].message, found[place].render()


def single(tmp_path: Path, source: str, name: str = "broken.py") -> Diagnostic:
    """The only thing wrong with a source, written to a file outside the repository."""
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    (only,) = errors(path)
    assert only.file == path
    return only


def test_how_a_diagnostic_is_shown(tmp_path: Path) -> None:
    """file:line:column, code and message; the source line with a caret; what to write instead."""
    source = 'from nightshift import flow\n\n\n@flow\ndef backup():\n    with open("x"):\n        pass\n'
    shown = single(tmp_path, source).render().splitlines()
    assert shown[0] == f"{tmp_path / 'broken.py'}:6:5: NS104 'with' is not part of the flow language"
    assert shown[1:3] == ['    with open("x"):', "    ^"]
    assert shown[3].strip() == "Parts wait, retry and clean up by themselves; use try/finally for steps that must run."


def test_the_caret_of_an_indented_line(tmp_path: Path) -> None:
    """The caret stands under the place also where the line is shown without its indent."""
    source = "from nightshift import flow\n\n\n@flow\ndef f(n: int):\n    if n:\n        return n + missing\n"
    shown = single(tmp_path, source).render().splitlines()
    assert shown[1][4:] == "return n + missing"
    assert shown[2].index("^") == shown[1].index("missing")


WHOLE_FILES = {
    "NS001": ("def broken(:\n", (1, 12), "Correct the Python syntax"),
    "NS002": ("import nightshift\nimport no_such_module\n", (2, 1), "may import nightshift, lambdas.parts"),
    "NS003": ("LIMIT = 5\n", (1, 1), "Put @flow above a function"),
    "NS004": (
        'from nightshift import cron, flow\n\n\n@flow(schedule=cron("0 22 * *"))\ndef f():\n    pass\n',
        (4, 1),
        "",
    ),
    "NS007": (
        'from nightshift import Calendar, flow\n\nDE = Calendar("DE", subdivision="BX")\n\n\n'
        "@flow\ndef f():\n    pass\n",
        (3, 1),
        "BY",
    ),
}


@pytest.mark.parametrize("code", WHOLE_FILES)
def test_files_that_are_no_flow_files(code: str, tmp_path: Path) -> None:
    """Found before anything is compiled."""
    source, (line, column), hint = WHOLE_FILES[code]
    found = single(tmp_path, source)
    assert (found.code, found.line, found.column) == (code, line, column)
    assert found.hint
    assert hint in found.hint


@pytest.mark.parametrize(
    "options",
    [
        'timeout="soon"',
        "timeout=0",
        "retry=-1",
        'schedule="rate(5 minutes)"',
        'on_alarm="topic"',
        "speed=3",
    ],
)
def test_options_of_a_flow(options: str, tmp_path: Path) -> None:
    """An option that is none, or has a value it cannot have, is located too."""
    found = single(tmp_path, f"from nightshift import flow\n\n\n@flow({options})\ndef f():\n    pass\n")
    assert (found.code, found.line) == ("NS004", 4)
    assert found.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """And one that is not text."""
    assert [e.code for e in errors(tmp_path / "missing.py")] == ["NS002"]
    binary = tmp_path / "binary.py"
    binary.write_bytes(b"\xff\xfe\x00")
    assert [e.code for e in errors(binary)] == ["NS002"]


FLOW = "from nightshift import flow\n\n\n@flow\ndef {name}():\n    {body}\n"


def test_flows_of_one_name(tmp_path: Path) -> None:
    """Two files of a folder define the same flow."""
    (tmp_path / "a.py").write_text(FLOW.format(name="backup", body="pass"))
    (tmp_path / "b.py").write_text(FLOW.format(name="backup", body="pass"))
    with pytest.raises(CompileErrors) as raised:
        load_flows(tmp_path)
    (found,) = raised.value.errors
    assert (found.code, found.file.name, found.line) == ("NS005", "b.py", 5)
    assert "another name" in found.hint
    assert "a.py" in found.message


def test_flows_that_call_each_other_without_end(tmp_path: Path) -> None:
    """In one file, in two, and with a gate, whose skipped runs do not count; one that may return is right."""
    (tmp_path / "a.py").write_text(FLOW.format(name="alone", body="alone()"))
    counted = "from nightshift import flow\n\n\n@flow\ndef count(n: int):\n    if n > 0:\n        count(n - 1)\n"
    (tmp_path / "c.py").write_text(counted)
    assert [(e.code, e.line) for e in errors(tmp_path / "a.py")] == [("NS406", 5)]
    assert [flow.name for flow in compile_file(tmp_path / "c.py")] == ["count"]
    gated = FLOW.format(name="nightly", body="nightly()").replace("@flow", "@flow(overlap='skip')")
    assert single(tmp_path, gated).code == "NS406"
    pair = FLOW.format(name="one", body="two()") + "\n\n@flow\ndef two():\n    one()\n"
    (tmp_path / "d.py").write_text(pair)
    assert [e.code for e in errors(tmp_path / "d.py")] == ["NS406", "NS406"]


def test_a_long_f_string_is_not_deep(tmp_path: Path) -> None:
    """60 values with text between them, which one after the other would nest 119 operations."""
    values = " ".join(f"{n} {{n}}" for n in range(60))
    (tmp_path / "f.py").write_text(f'from nightshift import flow\n\n\n@flow\ndef f(n: int):\n    return f"{values}"\n')
    (compiled,) = compile_file(tmp_path / "f.py")
    output = str(compiled.definition["States"])
    assert depth(output) < 50


def test_nested_helpers_do_not_double_the_text(tmp_path: Path) -> None:
    """Sixteen levels of a helper that reads its argument twice, once 393 KB."""
    call = "n"
    for _ in range(16):
        call = f"twice({call} + 1)"
    body = f"return {call}\n\n\ndef twice(value: int) -> int:\n    return value + value"
    (tmp_path / "f.py").write_text(FLOW.format(name="f", body=body).replace("f()", "f(n: int)"))
    (compiled,) = compile_file(tmp_path / "f.py")
    assert len(str(compiled.definition)) < 4000


def test_a_run_with_too_many_events_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A loop with a constant number of passes."""
    body = 'for n in range(4000):\n        fake.act(name="a")'
    (tmp_path / "f.py").write_text("import fake\n" + FLOW.format(name="f", body=body))
    assert check([tmp_path / "f.py"], as_json=False)
    assert "warning: a run of f makes at least 28,002 events" in capsys.readouterr().out


def test_a_called_flow_that_is_not_deployed(tmp_path: Path) -> None:
    """It is imported from outside the folder."""
    (tmp_path / "outside.py").write_text(FLOW.format(name="other", body="pass"))
    folder = tmp_path / "flow_defs"
    folder.mkdir()
    source = FLOW.format(name="caller", body="other()").replace("\n", "\nfrom outside import other\n", 1)
    (folder / "caller.py").write_text(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        with pytest.raises(CompileErrors) as raised:
            load_flows(folder)
    (found,) = raised.value.errors
    assert found.code == "NS006"
    assert found.hint


def test_all_errors_of_a_folder(tmp_path: Path) -> None:
    """Each file is compiled, whatever is wrong with another."""
    (tmp_path / "a.py").write_text("def broken(:\n")
    (tmp_path / "b.py").write_text(FLOW.format(name="b", body="return missing"))
    (tmp_path / "c.py").write_text(FLOW.format(name="c", body="pass"))
    with pytest.raises(CompileErrors) as raised:
        load_flows(tmp_path)
    assert [(e.file.name, e.code) for e in raised.value.errors] == [("a.py", "NS001"), ("b.py", "NS401")]


def test_a_machine_that_is_too_large(tmp_path: Path) -> None:
    """1 MB is the most Step Functions takes; the error is at the flow."""
    calls = "\n    ".join(f'fake.act(name="{n}")' for n in range(1200))
    found = single(tmp_path, "import fake\n" + FLOW.format(name="large", body=calls))
    assert (found.code, found.line) == ("NS501", 6)
    assert "flow of its own" in found.hint


def test_each_code_has_a_case() -> None:
    """In a file of diagnostics/, or in a test above."""
    marked = {code for path in FILES for _, _, code in expected(path)}
    tested = marked | set(WHOLE_FILES) | {"NS005", "NS006", "NS501"}
    assert set(CODES) - tested == set()
    assert tested - set(CODES) == set()


def test_the_documented_codes_are_those_there_are() -> None:
    """The table of docs/language.md."""
    rows = re.findall(r"^\| (NS\d{3}) \| (.+?) \|$", LANGUAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == CODES
    assert [code for code, _ in rows] == sorted(CODES)
