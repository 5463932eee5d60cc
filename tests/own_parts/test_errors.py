"""What is wrong with a part of one's own is said with its place, its code, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightshift.compiler.codes import CODES
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.project import load_flows
from tests.own_parts.conftest import STOP, Write

WRONG = {
    "not in a folder of a service": ("parts/stop.py", STOP, "NS601", 1, "parts/SERVICE/stop.py"),
    "too deep": ("parts/rds/old/stop.py", STOP, "NS601", 1, "parts/SERVICE/stop.py"),
    "a name that is none": ("parts/rds/Stop.py", STOP, "NS601", 1, "small letters"),
    "a service that is none": ("parts/my-rds/stop.py", STOP, "NS601", 1, "small letters"),
    "a word of Python": ("parts/lambda/stop.py", STOP, "NS601", 1, "no word of Python"),
    "no part": ("parts/rds/helper.py", "X = 1\n", "NS602", 1, "above a function helper"),
    "another name": ("parts/rds/halt.py", STOP, "NS602", 19, "Rename the function to halt"),
    "syntax": ("parts/rds/broken.py", "def broken(:\n", "NS001", 1, "Correct the Python syntax"),
}


def found(folder: Path) -> list[Diagnostic]:
    with pytest.raises(CompileErrors) as raised:
        load_flows(folder)
    return raised.value.errors


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_is_no_part(what: str, write: Write, flow_defs: Path) -> None:
    name, text, code, line, hint = WRONG[what]
    path = write(name, text)
    (error,) = found(flow_defs)
    assert (error.file, error.code, error.line) == (path, code, line)
    assert hint in error.hint


def test_a_file_that_is_no_text(write: Write, flow_defs: Path) -> None:
    path = write("parts/rds/broken.py", "")
    path.write_bytes(b"# \xe9\n")
    (error,) = (error for error in found(flow_defs) if error.file == path)
    assert (error.code, error.message) == ("NS001", "the file is not UTF-8 text")


def changed(write: Write, old: str, new: str) -> Path:
    assert old in STOP
    return write("parts/rds/stop_db_instance.py", STOP.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ('(Allow(("rds:DescribeDBInstances", "rds:StopDBInstance"), ("arn:${AWS::Partition}:rds:*:*:db:*",)),)', "()",
         "NS604", "allow names no action"),
        (', "rds:StopDBInstance")', ",)", "NS604", "calls stop_db_instance of rds"),
        ('"rds:DescribeDBInstances"', '"rds:*"', "NS604", "'rds:*' is not an action"),
        ("db_instance: str", "db_instance", "NS605", "'db_instance' has no type"),
        ("call: Call, *, db_instance: str", "call: Call, db_instance: str", "NS605", "after a * its parameters"),
        ("-> StopDbInstanceResult | Pending", "-> dict[str, str]", "NS605", "returns a Result"),
        ("    result = ", '    rds.get_waiter("x")\n    result = ', "NS606", "get_waiter would wait"),
        ('call.client("rds")', 'boto3.client("rds")', "NS604", "a client of boto3's own"),
        ("from typing import Unpack", "from typing import Unpack\nimport no_such_package", "NS002", "no_such"),
    ],
)  # fmt: skip
def test_a_part_that_is_wrong(old: str, new: str, code: str, said: str, write: Write, flow_defs: Path) -> None:
    path = changed(write, old, new)
    errors = found(flow_defs)
    assert [(e.file, e.code) for e in errors] == [(path, code)] * len(errors)
    assert said in errors[0].message
    assert errors[0].line > 1
    assert errors[0].hint


def test_part_without_parentheses(write: Write, flow_defs: Path) -> None:
    path = write("parts/rds/stop.py", "from lambdas.contract.part import part\n\n\n@part\ndef stop(call):\n    pass\n")
    (error,) = found(flow_defs)
    assert (error.file, error.code, error.line) == (path, "NS604", 4)


def test_a_part_in_a_flow_file(write: Write, flow_defs: Path) -> None:
    path = write("flow_defs/stop_databases.py", STOP)
    (error,) = found(flow_defs)
    assert (error.file, error.code) == (path, "NS607")
    assert "parts/SERVICE/stop_db_instance.py" in error.hint


def test_a_list_of_packages_without_hashes(write: Write, flow_defs: Path) -> None:
    path = write("parts/requirements.txt", "# what parts need\nhumanize==4.9.0\n")
    (error,) = found(flow_defs)
    assert (error.file, error.code, error.line) == (path, "NS608", 2)
    assert "nightshift part lock" in error.hint


def test_a_repaired_part_is_read_again(write: Write, flow_defs: Path) -> None:
    changed(write, "-> StopDbInstanceResult | Pending", "-> dict[str, str]")
    assert found(flow_defs)
    write("parts/rds/stop_db_instance.py", STOP)
    assert [flow.parts for flow in load_flows(flow_defs)] == [("rds.stop_db_instance",)]


def test_all_that_is_wrong_is_said_once(write: Write, flow_defs: Path) -> None:
    write("flow_defs/other.py", "from nightshift import flow\n\n\n@flow\ndef other():\n    pass\n")
    write("parts/rds/one.py", "X = 1\n")
    write("parts/rds/two.py", "X = 1\n")
    assert [error.file.name for error in found(flow_defs)] == ["one.py", "two.py"]


def test_the_codes_are_those_of_the_table() -> None:
    assert {code for code in CODES if code.startswith("NS6")} == {f"NS60{n}" for n in range(1, 9)}
