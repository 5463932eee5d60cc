"""How the addresses of a mail are read."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.engine.recipients import recipients


@pytest.mark.parametrize(
    ("to", "addresses"),
    [
        ("Jane Doe <jane@example.com>; bob@example.com", ["Jane Doe <jane@example.com>", "bob@example.com"]),
        ('"Doe, Jane" <jane@example.com>, bob@example.com', ['"Doe, Jane" <jane@example.com>', "bob@example.com"]),
        ("a@example.com b@example.com\na@example.com", ["a@example.com", "b@example.com"]),
        (["Jane Doe <jane@example.com>"], ["Jane Doe <jane@example.com>"]),
        ("", []),
        (None, []),
    ],
)
def test_recipients_may_have_names(to: Any, addresses: list[str]) -> None:
    assert recipients(to) == addresses
