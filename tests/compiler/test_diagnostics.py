"""What the compiler says of a wrong flow: where, which code, and what to write instead; everything at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
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
        "colour=3",
    ],
)
def test_options_of_a_flow(options: str, tmp_path: Path) -> None:
    """An option that is none, or has a value it cannot have, is located too."""
    found = single(tmp_path, f"from nightshift import flow\n\n\n@flow({options})\ndef f():\n    pass\n")
    assert (found.code, found.line) == ("NS004", 4)
    assert found.hint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("schedule=Alarm('A:B', 1)", "schedule is an Alarm: write daily(...)"),
        ("on_alarm=[Alarm('A:B', 1)]", "on_alarm is a list of 1: write Alarm(...)"),
        ("on_alarm=daily('09:00')", "on_alarm is a Schedule: write Alarm(...)"),
        ("schedule=[daily('09:00'), Alarm('A:B', 1)]", "in the list of schedules an Alarm is none"),
        ("schedule=[]", "the list of schedules is empty"),
        ("schedule=daily", "schedule is daily without its (...): write daily(...)"),
        ("on_alarm=Alarm", "on_alarm is Alarm without its (...): write Alarm(...)"),
        ("timeout=timedelta(hours=1)", "a timedelta is not a duration; write seconds"),
        ("schedule=datetime(2026, 1, 1)", "schedule is a datetime: write"),
        ("on_alarm=Alarm('A:B', '1')", "Alarm threshold is '1'"),
        ("on_alarm=Alarm('A:B', 1, dimensions=['x'])", "'x' is no pair of texts"),
        ("on_alarm=Alarm('A:B', 1, period='5m')", "an option of Alarm is of another type than it takes"),
        ("on_alarm=topic(3)", "an option of topic is of another type than it takes"),
        ("schedule=daily(9)", "an option of daily is of another type than it takes"),
        ("schedule=at(datetime(2026, 1, 1))", "an option of at is of another type than it takes"),
        ("operators=3", "an option of @flow is of another type than it takes"),
    ],
)
def test_values_of_another_type_are_told_in_words(options: str, said: str, tmp_path: Path) -> None:
    """And not by what Python prints of an object."""
    imports = "from datetime import datetime, timedelta\nfrom nightshift import Alarm, at, daily, flow, topic\n"
    found = single(tmp_path, f"{imports}\n\n@flow({options})\ndef f():\n    pass\n")
    assert (found.code, found.line) == ("NS004", 5)
    assert found.message.startswith(said)
    assert not re.search(r" at 0x|\w+\(\w+=|<\w+ ", found.message + found.hint)


def test_options_of_a_flow_hide_nothing(tmp_path: Path) -> None:
    """Each wrong option is told, and what is wrong with the body and with another flow of the file."""
    source = (
        "from nightshift import cron, flow\n\n\n"
        '@flow(schedule=cron("0 22 * *"), retry=-1,\n      timeout="1h")\ndef f():\n    return missing\n\n\n'
        "@flow(colour=3)\ndef g():\n    return missing\n"
    )
    (tmp_path / "f.py").write_text(source)
    found = [(e.code, e.line) for e in errors(tmp_path / "f.py")]
    assert found == [("NS004", 4), ("NS004", 4), ("NS401", 7), ("NS004", 10), ("NS401", 12)]


@pytest.mark.parametrize(
    ("options", "body", "hint"),
    [
        ('at_most_one_per="1h"', "pass", "on_alarm=Alarm(..., at_most_one_per=...)"),
        ('schedules=daily("09:00")', "pass", "Did you mean 'schedule'?"),
        ('schedule=daily("09:00", timzone="Asia/Tokyo")', "pass", "Did you mean 'timezone'?"),
        ("on_alarm=Alarm(treshold=3)", "pass", "Did you mean 'threshold'?"),
        ('on_alarm=topic("t")', "pass", "from nightshift import topic"),
        ("colour=3", "pass", "@flow takes schedule, on_alarm, "),
        ('"cron(0 22 * * ? *)"', "pass", "@flow takes schedule, on_alarm, "),
        ('schedule=[daily("09:00"), daily("21:00", timezone="Asia/Tokyo")]', "pass", "a flow of their own"),
        ('schedule=[daily("09:00"), "21:00"]', "pass", "write daily(...)"),
        ('timeout="1h"', "return datetime.now()", "today() or now()"),
    ],
)
def test_the_way_out_is_said(options: str, body: str, hint: str, tmp_path: Path) -> None:
    """Of what a newcomer tries first."""
    imports = "from datetime import datetime\nfrom nightshift import Alarm, daily, flow\n\n\n"
    source = f"{imports}@flow({options})\ndef f():\n    {body}\n"
    assert hint in single(tmp_path, source).hint


def test_several_schedules_of_a_flow(tmp_path: Path) -> None:
    """Each starts it, in the zone that they share."""
    zone = 'timezone="Asia/Tokyo"'
    options = f'schedule=[daily("09:00", {zone}), weekly("SUN", "21:00", {zone})]'
    (tmp_path / "f.py").write_text(
        f"from nightshift import daily, flow, weekly\n\n\n@flow({options})\ndef f():\n    pass\n"
    )
    (flow,) = compile_file(tmp_path / "f.py")
    assert flow.options.schedule is not None
    assert len(flow.options.schedule.expressions) == 2
    times = [
        f"{moment:%a %H:%M}"
        for moment in islice(flow.options.schedule.fire_times(datetime(2026, 11, 28, 12, tzinfo=UTC)), 3)
    ]
    assert times == ["Sun 09:00", "Sun 21:00", "Mon 09:00"]


def test_templates_that_are_not_there(tmp_path: Path) -> None:
    """Of mails and of stacks; those that are shipped are there, and a file alone is not asked."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "own.txt.mustache").write_text("Subject: x\n")
    (tmp_path / "templates" / "shop.yaml").write_text("{}")
    (tmp_path / "f.py").write_text(
        "from lambdas.parts import cloudformation, notify\nfrom nightshift import flow\n\n\n@flow\ndef f(shown: str):\n"
        '    notify.email(to="a@example.com", template="own")\n'
        '    notify.email(to="a@example.com", template="result")\n'
        '    notify.email(to="a@example.com", template=shown)\n'
        '    notify.email(to="a@example.com", template="onw")\n'
        '    cloudformation.create_stack(stack_name="a", template="shop.yaml")\n'
        '    cloudformation.create_stack(stack_name="a", template="shop")\n'
    )
    assert [flow.name for flow in compile_file(tmp_path / "f.py")] == ["f"]
    with pytest.raises(CompileErrors) as raised:
        load_flows(tmp_path)
    assert [(e.code, e.line) for e in raised.value.errors] == [("NS311", 10), ("NS311", 12)]
    assert "Did you mean 'own'?" in raised.value.errors[0].hint
    assert not check([tmp_path / "f.py"], as_json=False)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Nor is one a file whose name is wrong."""
    assert [e.code for e in errors(tmp_path / "missing.py")] == ["NS002"]


@pytest.mark.parametrize(
    ("data", "place", "hint"),
    [
        (b"\xff\xfe\x00", (1, 1), "Save it as UTF-8"),
        ("# 日本\nX = '停止'\n".encode("shift_jis"), (1, 3), "Save it as UTF-8"),
        ("X = 'ü'\nY = '".encode() + b"\xe9'\n", (2, 6), "Save it as UTF-8"),
        ("# coding: latin-1\nX = 'é'\n".encode(), (1, 1), "Save it as UTF-8"),
        (b"\n# coding: none-8\n", (2, 1), "Save it as UTF-8"),
        (b"X = 1\r\nY = 'a\0b'\r\n", (2, 7), "Remove it"),
        ("X = len（[]）\n".encode(), (1, 8), "Write ( (half width)"),
        ("X = “a”\n".encode(), (1, 5), 'Write "'),
        ("X\u00a0= 1\n".encode(), (1, 2), "Write a plain space"),
        ("X = 1 € 2\n".encode(), (1, 7), "Put it in quotes"),
    ],
)
def test_text_that_python_does_not_read(data: bytes, place: tuple[int, int], hint: str, tmp_path: Path) -> None:
    """Or reads as another text than an editor shows; columns count characters."""
    path = tmp_path / "wrong.py"
    path.write_bytes(data)
    (found,) = errors(path)
    assert (found.code, (found.line, found.column)) == ("NS001", place)
    assert hint in found.hint


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("@flow\nasync def f():\n    return 1\n", (4, 1)),
        ("class A:\n    @flow\n    def f(self):\n        return 1\n", (5, 5)),
        ("def make():\n    @flow\n    def f():\n        return 1\n\n    return f\n", (5, 5)),
    ],
)
def test_flows_that_are_no_plain_functions(source: str, place: tuple[int, int], tmp_path: Path) -> None:
    """The file has a flow, so it is not said that it has none."""
    found = single(tmp_path, "from nightshift import flow\n\n" + source)
    assert (found.code, (found.line, found.column)) == ("NS101", place)
    assert "outside of classes and functions" in found.hint


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


@pytest.mark.parametrize("over", ["range(10, 8010, 2)", "range(4000, 0, -1)", "MANY", "enumerate(MANY)"])
def test_events_of_constant_bounds(over: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A range with a start and a step, and a constant list."""
    target = "i, n" if over.startswith("enumerate") else "n"
    body = f'for {target} in {over}:\n        fake.act(name="a")'
    source = "import fake\n\nMANY = [1, 2, 3, 4] * 1000\n" + FLOW.format(name="f", body=body)
    (tmp_path / "f.py").write_text(source)
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
    tested = marked | set(WHOLE_FILES) | {"NS005", "NS006", "NS311", "NS501"}
    # tests/cli/test_regions.py.
    tested.add("NS008")
    # Of parts: tests/own_parts/test_errors.py.
    tested |= {f"NS60{number}" for number in range(1, 9)}
    assert set(CODES) - tested == set()
    assert tested - set(CODES) == set()


def test_the_documented_codes_are_those_there_are() -> None:
    """The table of docs/language.md."""
    rows = re.findall(r"^\| (NS\d{3}) \| (.+?) \|$", LANGUAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == CODES
    assert [code for code, _ in rows] == sorted(CODES)
