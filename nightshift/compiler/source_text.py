"""The text of a flow file, or why Python would not read it, with the place."""

from __future__ import annotations

import ast
import re
import unicodedata
from io import BytesIO
from pathlib import Path
from tokenize import detect_encoding

from nightshift.errors import CompileErrors, Diagnostic
from nightshift.model import CompiledFlow

_QUOTES = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}


def located(path: Path, lines: list[str], code: str, message: str, hint: str, line: int, column: int) -> Diagnostic:
    """A Diagnostic with its source line."""
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    return Diagnostic(code, message, hint, path, line, column, source)


def of_flow(flow: CompiledFlow, code: str, message: str, hint: str) -> Diagnostic:
    """A Diagnostic at the `def` of a flow that is compiled already."""
    return Diagnostic(code, message, hint, flow.file, flow.line, 1, flow.source.partition("\n")[0])


def read_source(path: Path) -> tuple[str, ast.Module]:
    """The text of a flow file and its syntax tree; raises CompileErrors where it is no file, no UTF-8, no Python."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"cannot read the file: {error.strerror or error}"
        raise CompileErrors([Diagnostic("NS002", message, "Give the path of a flow file.", path, 1, 1)]) from None
    text = re.sub("\r\n?", "\n", _decoded(path, data))
    lines = text.split("\n")
    if "\0" in text:
        before = text[: text.index("\0")].split("\n")
        column = len(before[-1]) + 1
        raise CompileErrors([located(path, lines, "NS001", "a null character", "Remove it.", len(before), column)])
    try:
        return text, ast.parse(text)
    except SyntaxError as error:
        place = error.lineno or 1, error.offset or 1
        raise CompileErrors([located(path, lines, "NS001", error.msg, _syntax_hint(error.msg), *place)]) from None


def _decoded(path: Path, data: bytes) -> str:
    """The text. Python reads a file as the encoding that its first lines declare; a flow file is UTF-8."""
    hint = "Save it as UTF-8, without a line that declares another encoding."
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        column = len(before[-1].decode(errors="replace")) + 1
        wrong = Diagnostic("NS001", "the file is not UTF-8 text", hint, path, len(before), column)
        raise CompileErrors([wrong]) from None
    try:
        declared = detect_encoding(BytesIO(data).readline)[0]
    except SyntaxError as error:
        declared = error.msg
    if declared not in ("utf-8", "utf-8-sig"):
        lines = text.split("\n")
        line = next((n for n, said in enumerate(lines[:2], 1) if "coding" in said), 1)
        message = f"the file declares an encoding other than UTF-8: {declared}"
        raise CompileErrors([located(path, lines, "NS001", message, hint, line, 1)])
    return text


def _syntax_hint(message: str) -> str:
    """What to write instead; characters of Japanese and of word processors look like those of Python."""
    found = re.search(r"\(?U\+([0-9A-F]{4,6})\)?$", message)
    if found is None:
        return "Correct the Python syntax."
    meant = _QUOTES.get(sign := chr(int(found[1], 16))) or unicodedata.normalize("NFKC", sign)
    if meant == " ":
        return "Write a plain space."
    return f"Write {meant} (half width)." if meant.isascii() else "Put it in quotes, or in a comment."
