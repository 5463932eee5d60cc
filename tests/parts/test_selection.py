"""Selections: ids, tags, wildcards; and ids as short text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.id_packing import pack, unpack
from lambdas.engine.selection import Selection, parse_ids, parse_tags


@pytest.mark.parametrize(
    ("pattern", "tags", "matches"),
    [
        ("AutoOff=yes", {"AutoOff": "yes"}, True),
        ("AutoOff=yes", {"AutoOff": "Yes"}, False),
        ("AutoOff=yes", {"autooff": "yes"}, False),
        ("AutoOff=yes", {"AutoOff": "yes please"}, False),
        ("Env=prod-*", {"Env": "prod-eu"}, True),
        ("Env=prod-?", {"Env": "prod-eu"}, False),
        ("Env=*", {"Env": ""}, True),
        ("Env", {"Env": "anything"}, True),
        ("Env=", {"Env": ""}, True),
        ("Env=", {"Env": "x"}, False),
        ("Env=a.b", {"Env": "axb"}, False),
        (r"Env=a\*", {"Env": "a*"}, True),
        (r"Env=a\*", {"Env": "ab"}, False),
        ("Url=http://x?a=b", {"Url": "http://x?a=b"}, True),
        ("Team*=ops", {"Team1": "dev", "Team2": "ops"}, True),
    ],
)
def test_patterns(pattern: str, tags: dict[str, str], matches: bool) -> None:
    assert parse_tags(pattern, "tag")[0].matches(tags) is matches


def test_filters_narrow_and_never_repeat_a_name() -> None:
    selection = Selection(None, parse_tags(["A=1", "B=2*", "C", "D*=3", "A=1?"], "tag"), ())
    assert selection.filters() == [
        {"Name": "tag:A", "Values": ["1"]},
        {"Name": "tag:B", "Values": ["2*"]},
        {"Name": "tag-key", "Values": ["C"]},
    ]


@pytest.mark.parametrize(
    ("ids", "parsed"),
    [
        (None, None),
        ("", None),
        ([], []),
        ("i-1", ["i-1"]),
        ("i-1;i-2", ["i-1", "i-2"]),
        ("i-1, i-2 ;i-1;", ["i-1", "i-2"]),
        (["i-2", " i-1", "i-2"], ["i-2", "i-1"]),
    ],
)
def test_ids(ids: str | list[str] | None, parsed: list[str] | None) -> None:
    assert parse_ids(ids) == parsed


@pytest.mark.parametrize("text", ["=x", " =x", ["A=1", ""]])
def test_a_tag_without_key_is_refused(text: str | list[str]) -> None:
    with pytest.raises(InvalidParameter, match="no tag key"):
        parse_tags(text, "tag")


@given(
    st.lists(
        st.one_of(st.from_regex(r"i-[0-9a-f]{8,17}", fullmatch=True), st.from_regex(r"[a-z-]{1,9}", fullmatch=True))
    )
)
def test_packed_ids_come_back(ids: list[str]) -> None:
    assert unpack(pack(ids)) == ids


@given(st.lists(st.integers(0, 16**17 - 1), min_size=101, max_size=200))
def test_many_ids_are_packed(numbers: list[int]) -> None:
    ids = [f"i-{n:017x}" for n in numbers]
    packed = pack(ids)
    assert isinstance(packed, str)
    assert unpack(packed) == ids


def test_ids_with_line_feeds_survive_packing() -> None:
    """A key in S3 may hold any character."""
    ids = [f"s3://night/a\n{n}" for n in range(200)]
    assert unpack(pack(ids)) == ids
