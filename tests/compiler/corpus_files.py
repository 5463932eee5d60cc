"""The corpus, loaded: its files, their flows with the cases above them, and what they compile to."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from expect import Case

from nightshift.compiler import compile_file
from nightshift.flow import Flow
from nightshift.model import CompiledFlow

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.glob("*.py") if path.stem not in ("fake", "expect", "beside"))


@dataclass(frozen=True)
class Entry:
    """A flow of the corpus and one case of it."""

    path: Path
    flow: Flow[..., Any]
    case: Case
    number: int

    @property
    def id(self) -> str:
        """As pytest shows it: file, flow, number of the case."""
        return f"{self.path.stem}-{self.flow.name}-{self.number}"


@cache
def module(path: Path) -> Any:
    """A file of the corpus as a Python module."""
    spec = importlib.util.spec_from_file_location(f"corpus_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def flows(path: Path) -> Iterator[Flow[..., Any]]:
    """The flows of a file, in source order."""
    found = [value for value in vars(module(path)).values() if isinstance(value, Flow)]
    yield from sorted(found, key=lambda flow: flow.function.__code__.co_firstlineno)


def entries() -> list[Entry]:
    """Every case of the corpus."""
    return [
        Entry(path, flow, case, number)
        for path in FILES
        for flow in flows(path)
        for number, case in enumerate(getattr(flow, "cases", []))
    ]


@cache
def compiled(path: Path) -> dict[str, CompiledFlow]:
    """The machines of a file by flow name."""
    return {flow.name: flow for flow in compile_file(path)}
