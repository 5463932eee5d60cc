"""Constants of a flow file that a state machine cannot have: what only a run knows, and what is too large."""

from __future__ import annotations

from pathlib import Path

from test_diagnostics import single


def test_a_question_outside_of_a_run(tmp_path: Path) -> None:
    """What the file itself asks, or a default, is asked when the file is read."""
    source = "from nightshift import flow, today\n\nDAY = today()\n\n\n@flow\ndef f():\n    return DAY\n"
    found = single(tmp_path, source)
    assert (found.code, found.line) == ("NS002", 3)
    assert found.message == "today() was asked outside a run: the file is read before any run"
    assert found.hint == "Write it in the flow, or in a function that the flow calls."


def test_a_constant_larger_than_a_state(tmp_path: Path) -> None:
    """The run would fail with States.DataLimitExceeded, which no clause takes."""
    imports = "import fake\nfrom nightshift import flow\n\n"
    source = f'{imports}TEXT = "x" * 300_000\n\n\n@flow\ndef f():\n    fake.act(name=TEXT)\n'
    found = single(tmp_path, source)
    assert (found.code, found.line) == ("NS501", 9)
    assert "a constant of 300,0" in found.message
