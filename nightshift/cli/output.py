"""What commands print: tables and text that are plain when nobody looks at a terminal, and JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What begins a formula, or hides one; a spreadsheet in Japanese takes the wide signs, too."""


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@contextmanager
def words_apart(as_json: bool) -> Iterator[None]:
    """Within it, what is printed goes to standard error when JSON is asked for, which then stands alone."""
    if not as_json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def print_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as CSV (RFC 4180), of which a spreadsheet takes no cell for a formula; what is None is empty."""
    writer = csv.writer(sys.stdout)
    for row in [headings, *rows]:
        writer.writerow(["" if cell is None else _harmless(cell) for cell in row])


def _harmless(cell: Any) -> Any:
    """A text that a spreadsheet would compute, behind an apostrophe ("CSV Injection", OWASP)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: a drawn table on a terminal; otherwise columns of text, never cut off or wrapped."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*headings, header_style="bold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        Console().print(table)
        return
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_bold(text: str) -> None:
    """Print a line that stands out on a terminal."""
    print(f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text)


def duration(seconds: float) -> str:
    """A duration as an operator reads it: "0.4 s", "12 s", "3 min 5 s", "2 h 0 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
