"""What an operator may type as a parameter, and what the flow gets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from nightshift.model import FlowOptions
from nightshift.operating import Operating, Preset
from nightshift.parameters import ParameterError, parse_parameters
from tests.cli.flows import compiled, parameter


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("str", "i-1", "i-1"),
        ("str", "7", "7"),
        ("str", "a=b", "a=b"),
        ("int", "7", 7),
        ("float", "7", 7),
        ("float", "0.5", 0.5),
        ("bool", "yes", True),
        ("bool", "False", False),
        ("int | None", "null", None),
        ("Optional[int]", "3", 3),
        ("list[str]", "i-1,i-2", ["i-1", "i-2"]),
        ("list[str]", "i-1; i-2;", ["i-1", "i-2"]),
        ("list[str]", '["i-1"]', ["i-1"]),
        ("list[str]", "i-1", ["i-1"]),
        ("list[int]", "1,2", [1, 2]),
        ("list[str] | None", "i-1", ["i-1"]),
        ("str | list[str]", "Name=a,b", "Name=a,b"),
        ("str | list[str]", '["a", "b"]', ["a", "b"]),
        ("dict[str, int]", '{"a": 1}', {"a": 1}),
        ('Literal["skip", "queue"]', "queue", "queue"),
        ("typing.Literal[1, 2]", "2", 2),
        ("Any", "plain", "plain"),
        ("int | str", "12", 12),
        ("int | str", "twelve", "twelve"),
    ],
)
def test_text_becomes_the_value_the_annotation_asks_for(annotation: str, text: str, value: Any) -> None:
    found = parse_parameters(compiled(parameters=(parameter("x", annotation),)), [f"x={text}"])
    assert found == {"x": value}
    assert type(found["x"]) is type(value)


def test_a_name_given_twice_makes_a_list() -> None:
    flow = compiled(parameters=(parameter("tag", "str | list[str]"),))
    assert parse_parameters(flow, ["tag=A=1", "tag=B=2"]) == {"tag": ["A=1", "B=2"]}


def test_what_is_not_given_is_left_to_the_flow() -> None:
    assert parse_parameters(compiled(parameters=(parameter("generation", "int", 7),)), []) == {}


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        ("int", "seven", "x=seven does not fit; it takes a whole number"),
        ("int", "1.5", "it takes a whole number"),
        ("bool", "1", "it takes true or false"),
        ("list[int]", "1,b", "it takes a list of a whole number (a,b,c)"),
        ("list[int]", '["1"]', "it takes a list of a whole number"),
        ("dict[str, int]", '{"a": "1"}', "it takes a JSON object"),
        ('Literal["skip", "queue"]', "quue", "it takes skip or queue"),
        ("int | None", "", "it takes a whole number or null"),
    ],
)
def test_a_value_that_does_not_fit_is_rejected_with_what_is_accepted(annotation: str, text: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_parameters(compiled(parameters=(parameter("x", annotation),)), [f"x={text}"])
    assert message in str(caught.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    flow = compiled(parameters=(parameter("instance_id", "str", required=True), parameter("count", "int")))
    with pytest.raises(ParameterError) as caught:
        parse_parameters(flow, ["instence_id=i-1", "count=1", "count=2", "verbose"])
    assert str(caught.value).splitlines() == [
        "'verbose' has no value; write name=value",
        "instance_id is missing; it takes text",
        "count is given 2 times; it takes a whole number",
        "example has no parameter instence_id; did you mean instance_id?",
    ]


def test_a_preset_starts_exactly_its_parameters() -> None:
    presets = {
        "Server A": Preset({"tag": "Name=a"}),
        "Any": Preset({"tag": "Name=b"}, form=True),
        "Open": Preset(form=True),
    }
    flow = compiled(
        parameters=(parameter("tag", "str", required=True), parameter("hours", "int", 1)),
        options=FlowOptions(operating=Operating(presets=presets)),
    )
    assert parse_parameters(flow, [], "Server A") == {"tag": "Name=a"}
    assert parse_parameters(flow, ["hours=2"], "Any") == {"tag": "Name=b", "hours": 2}
    assert parse_parameters(flow, ["tag=Name=c"], "Any") == {"tag": "Name=c"}
    for given, preset, message in (
        (
            ["hours=2"],
            "Server A",
            "preset 'Server A' starts exactly its parameters; leave out -p, or leave out --preset",
        ),
        ([], "Server B", "did you mean 'Server A'?"),
        ([], "Zzz", "it has 'Server A', 'Any', 'Open'"),
        ([], "Open", "tag is missing; it takes text"),
    ):
        with pytest.raises(ParameterError, match=re.escape(message)):
            parse_parameters(flow, given, preset)
