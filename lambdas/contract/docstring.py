"""What the docstrings of parts, results and parameters say, by section and by name."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator

_SECTIONS = ("Parameters", "Result", "Errors", "Example", "Source")
_HEADING = re.compile(rf"^({'|'.join(_SECTIONS)}):[ \n]?", re.MULTILINE)
_ENTRY = re.compile(r"^([\w, ]+): (.*(?:\n[ \t]+.*)*)", re.MULTILINE)


def sections(doc: str) -> dict[str, str]:
    """A docstring by its headings; what stands before the first one is under ""."""
    text, *pieces = _HEADING.split(inspect.cleandoc(doc))
    return {"": text} | dict(zip(pieces[::2], pieces[1::2], strict=True))


def entries(text: str) -> Iterator[tuple[str, str]]:
    """The "name: meaning" entries of a section; several names before one meaning come one by one."""
    for names, meaning in _ENTRY.findall(inspect.cleandoc(text)):
        for name in names.split(","):
            yield name.strip(), flat(meaning)


def fields(kind: type) -> dict[str, str]:
    """The meanings of the fields that the docstring of a class lists below its first line."""
    return dict(entries((inspect.getdoc(kind) or "").partition("\n")[2]))


def code(text: str) -> str:
    """A section that is code, without its indentation."""
    return textwrap.dedent(text).strip()


def flat(text: str) -> str:
    """`text` in one line."""
    return " ".join(text.split())
