"""The flows shown in docs/language.md compile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightshift.compiler import compile_file

LANGUAGE = Path(__file__).parent.parent.parent / "docs" / "language.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```", LANGUAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: re.findall(r"def (\w+)", text)[0])
def test_the_flows_of_the_page_compile(snippet: str, tmp_path: Path) -> None:
    """As they stand there."""
    path = tmp_path / "shown.py"
    path.write_text(snippet, encoding="utf-8")
    assert compile_file(path)


def test_there_are_some() -> None:
    """The page shows flows."""
    assert len(SNIPPETS) >= 5
