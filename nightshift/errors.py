"""Errors shown to the author of a flow: located, with the source line and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Diagnostic:
    """One thing wrong with a flow.

    line and column count from 1, as editors do. given: the flow and its parameter whose default a stage gives, when
    that is what is wrong.
    """

    code: str
    message: str
    hint: str
    file: Path
    line: int
    column: int
    source_line: str = ""
    given: tuple[str, str] | None = None

    def render(self) -> str:
        """`flow_defs/x.py:12:9: NS104 message`, the source line with a caret, and what to write instead."""
        lines = [f"{self.file}:{self.line}:{self.column}: {self.code} {self.message}"]
        if self.source_line.strip():
            indent = len(self.source_line) - len(self.source_line.lstrip())
            lines.append(f"    {self.source_line.strip()}")
            lines.append(f"    {' ' * max(0, self.column - 1 - indent)}^")
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class CompileErrors(Exception):
    """A flow file cannot be compiled; `errors` holds everything that was found, in source order."""

    def __init__(self, errors: list[Diagnostic]) -> None:
        self.errors = sorted(errors, key=lambda e: (str(e.file), e.line, e.column, e.code))
        super().__init__("\n".join(e.render() for e in self.errors))
