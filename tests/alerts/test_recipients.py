"""What `notify` takes, and what is said of what it does not take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lambdas.alerts.recipients import told
from lambdas.contract.errors import InvalidParameter
from lambdas.runs.app_names import AppNames
from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors
from nightshift.views.catalogue_file import entry

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
SHOWN = [block for block in BLOCKS if "notify=" in block]
HOOK = "https://hooks.example.com/in/{secret.token}?room=ops#secret=nightshift/hook"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:night"


def test_addresses_topics_and_webhooks_come_as_a_text_or_a_list() -> None:
    assert told("ops@example.com") == ("ops@example.com",)
    assert told(f"ops@example.com, {TOPIC}") == ("ops@example.com", TOPIC)
    assert told(["first.last+x@sub.example.co.jp", TOPIC, TOPIC]) == ("first.last+x@sub.example.co.jp", TOPIC)
    assert told(f"ops@example.com, {HOOK}") == ("ops@example.com", HOOK)
    assert told([]) == ()


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        (5, "notify is 5; write a mail address"),
        ("", r"\[\] for nobody"),
        ("ops", "'ops', which is no mail address"),
        ("ops@localhost", "no mail address"),
        ("ops@exämple.com", "no mail address"),
        ("arn:aws:sqs:eu-west-1:123456789012:q", "an ARN of sqs and not of SNS"),
        (f"{TOPIC}:0a1b-2c", f"a subscription; write the topic's ARN {TOPIC}$"),
        (f"{TOPIC}.fifo", "a FIFO topic delivers to queues only"),
        ("arn:aws:sns:eu-west-1:12:night", "no ARN of a topic"),
        ("http://hooks.example.com/in", "is not of HTTPS"),
        ("https://ops:pw@hooks.example.com/in", "a URL has a host, a path and a query"),
        ("https://hooks.example.com/{secret}", "it names no secret; append #secret="),
        ("https://hooks.example.com/in#hook", "behind # stands the name of a secret"),
        ([f"a{n}@example.com" for n in range(21)], "at most 20 are told"),
    ],
)
def test_what_cannot_be_told_is_refused(notify: Any, said: str) -> None:
    with pytest.raises(InvalidParameter, match=said):
        told(notify)


def test_the_compiler_says_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    text = "from nightshift import flow\n\n\n@flow(\n    notify=['ops@example.com', 'ops']\n)\ndef f():\n    return 1\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CompileErrors) as found:
        compile_file(file)
    (error,) = found.value.errors
    assert (error.code, error.line) == ("NS004", 4)
    assert "notify names 'ops', which is no mail address" in error.message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("start_by='25:00'", "start_by is '25:00': write a time of day"),
        ("expected='2d'", 'expected is \'2d\': write "45m" or "3h", a day at most'),
        ("expected='soon'", "'soon' is not a duration"),
        ("start_by='22:15'", "f has start_by= and no schedule"),
        ("finish_by='06:00', schedule=rate('1 hour')", "f has finish_by= and a rate as its schedule"),
    ],
)
def test_deadlines_that_cannot_be_are_refused(tmp_path: Path, options: str, said: str) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(
        f"from nightshift import flow, rate\n\n@flow({options})\ndef f():\n    return 1\n", encoding="utf-8"
    )
    with pytest.raises(CompileErrors) as found:
        compile_file(file)
    (error,) = found.value.errors
    assert said in error.message


def test_the_documentation_shows_flows() -> None:
    assert len(SHOWN) == 2


@pytest.mark.parametrize("shown", SHOWN)
def test_the_flows_that_the_documentation_shows_compile(tmp_path: Path, shown: str) -> None:
    file = tmp_path / "shown.py"
    file.write_text(shown, encoding="utf-8")
    (flow,) = compile_file(file)
    assert flow.options.notify


def test_deadlines_travel_with_the_flow(tmp_path: Path) -> None:
    file = tmp_path / "right.py"
    file.write_text(
        "from nightshift import daily, flow\n\n\n"
        "@flow(schedule=daily('22:00', timezone='Asia/Tokyo'), start_by='22:15', finish_by='06:00', expected='usual')\n"
        "def f():\n    return 1\n",
        encoding="utf-8",
    )
    (flow,) = compile_file(file)
    assert entry(flow, tmp_path, AppNames())["deadlines"] == {
        "start_by": "22:15",
        "finish_by": "06:00",
        "expected": "usual",
    }
