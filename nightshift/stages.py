"""Stages of a project: the accounts it is deployed to, and what differs there; `nightshift.toml` holds them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.runs.app_names import AppNames
from nightshift.aws_names import region_fault
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.model import CompiledFlow
from nightshift.project import FLOW_DEFS, load_flows

FILE = "nightshift.toml"
KEYS = ("account", "region", "prefix", "suffix", "mail_from", "schedules", "parameters", "settings")
"""What the table of a stage may have."""


class StageError(NightshiftError):
    """There is no such stage, or what is written about it is wrong."""


@dataclass(frozen=True)
class Stage:
    """One place the project is deployed to.

    account: 12 digits. names: what the resources there are called. mail_from: the sender of mails, or "".
    schedules: whether schedules start flows there; for flows by name, that goes before `by_default`.
    parameters: by flow, the defaults of its parameters there. settings: further CDK context, by name.
    file: where it is written.
    """

    name: str
    account: str
    region: str
    names: AppNames = field(default_factory=AppNames)
    mail_from: str = ""
    by_default: bool = True
    schedules: Mapping[str, bool] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: Path = Path(FILE)

    def starts(self, flow: str) -> bool:
        """Whether the schedules of a flow start it there."""
        return self.schedules.get(flow, self.by_default)

    def flows(self, folder: Path = FLOW_DEFS) -> list[CompiledFlow]:
        """The flows of a folder as they are deployed there, with their parameters and schedules.

        Raises CompileErrors; StageError for a flow that the folder does not have.
        """
        try:
            flows = load_flows(folder, self.parameters)
        except CompileErrors as errors:
            raise CompileErrors([self._located(error) for error in errors.errors]) from None
        names = [flow.name for flow in flows]
        for table, given in (("parameters", self.parameters), ("schedules", self.schedules)):
            for name in given:
                if name not in names:
                    raise StageError(f"{self.place(table)} names the flow {name}, {_near(name, names)}")
        return [flow if self.starts(flow.name) else _without_schedules(flow) for flow in flows]

    def _located(self, error: Diagnostic) -> Diagnostic:
        """An error of the default that the stage gives for a parameter, where that is written."""
        if error.given is None or not self.file.is_file():
            return error
        flow, parameter = error.given
        lines = self.file.read_text(encoding="utf-8").splitlines()
        line, column = _written(lines, ("stages", self.name, "parameters", flow), parameter)
        source = lines[line - 1] if lines else ""
        return replace(error, file=self.file, line=line, column=column, source_line=source, given=None)

    def place(self, table: str = "") -> str:
        """Where it is written, for messages."""
        return f"{FILE}: [stages.{self.name}{f'.{table}' if table else ''}]"


def find_stage(name: str, folder: Path = Path()) -> Stage:
    """The stage of that name of the project in `folder`. Raises StageError."""
    found = all_stages(folder)
    if name not in found:
        raise StageError(f"there is no stage {name} in {FILE}; {_near(name, list(found))}")
    return found[name]


def has_stages(folder: Path = Path()) -> bool:
    """Whether the project in `folder` has any."""
    return bool(_tables(folder))


def all_stages(folder: Path = Path()) -> dict[str, Stage]:
    """The stages by name, of `nightshift.toml` or of [tool.nightshift] in pyproject.toml. Raises StageError."""
    stages = _tables(folder)
    if not isinstance(stages, dict) or not stages:
        raise StageError(
            f'there are no stages: write [stages.dev] with account = "123456789012" and region into {FILE}'
        )
    file = next((path for path in _files(folder) if path.is_file()), folder / FILE)
    return {name: replace(_stage(name, table), file=file) for name, table in stages.items()}


def _files(folder: Path) -> tuple[Path, Path]:
    """Where stages may be written, the first that there is."""
    return folder / FILE, folder / "pyproject.toml"


def _written(lines: list[str], table: tuple[str, ...], key: str) -> tuple[int, int]:
    """The line and column of a key below a table, or of what comes nearest to it: TOML may write it in several ways."""
    found, within = (1, 1), False
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
        if header:
            names = tuple(name.strip(" \"'") for name in header[1].split("."))
            names = names[2:] if names[:2] == ("tool", "nightshift") else names
            within = names == table[: len(names)]
            if within:
                found, rest = (number, 1), table[len(names) :]
        elif within:
            # The tables between the header and the key stand before it, with dots or in braces.
            pattern = "".join(rf"\b{re.escape(name)}\b.*?" for name in rest)
            if written := re.match(rf"\s*[\"']?{pattern}\s*[\"']?(\b{re.escape(key)}\b[\"']?\s*=)", line):
                return number, written.start(1) + 1
    return found


def _tables(folder: Path) -> Any:
    own, shared = _files(folder)
    try:
        if own.is_file():
            tables = tomllib.loads(own.read_text(encoding="utf-8"))
        else:
            given = tomllib.loads(shared.read_text(encoding="utf-8")) if shared.is_file() else {}
            tables = given.get("tool", {}).get("nightshift", {})
    except tomllib.TOMLDecodeError as error:
        raise StageError(f"{own if own.is_file() else shared} is no TOML: {error}") from None
    return tables.get("stages", {})


def _stage(name: str, table: Any) -> Stage:
    where = f"{FILE}: [stages.{name}]"
    if not isinstance(table, dict):
        raise StageError(f"{where} is no table; write account, region, ... below it")
    for key in table:
        if key not in KEYS:
            raise StageError(f"{where} has {key}, {_near(key, list(KEYS))}")
    account, region = str(table.get("account", "")), str(table.get("region", ""))
    if not re.fullmatch(r"\d{12}", account):
        raise StageError(f'{where} account is {account!r}; write its 12 digits in quotes, "123456789012"')
    if wrong := region_fault(region):
        raise StageError(f"{where} region: {wrong}")
    for key in ("prefix", "suffix", "mail_from"):
        if not isinstance(table.get(key, ""), str):
            raise StageError(f"{where} {key} is {table[key]!r}; write a text")
    for key in ("parameters", "settings"):
        given = table.get(key, {})
        if not isinstance(given, dict) or (
            key == "parameters" and not all(isinstance(v, dict) for v in given.values())
        ):
            raise StageError(f"{where} {key} is {given!r}; write a table, [stages.{name}.{key}]")
    for key in ("prefix", "suffix"):
        if key in table.get("settings", {}):
            raise StageError(f"{where} settings has {key}; write it into [stages.{name}] itself")
    by_default, schedules = _schedules(where, table.get("schedules", True))
    return Stage(
        name,
        account,
        region,
        AppNames(table.get("prefix", AppNames.prefix), table.get("suffix", "")),
        table.get("mail_from", ""),
        by_default,
        schedules,
        table.get("parameters", {}),
        table.get("settings", {}),
    )


def _schedules(where: str, given: Any) -> tuple[bool, Mapping[str, bool]]:
    """Of flows that are not named, and of those that are: true, false, the list of those that run, or a table."""
    if isinstance(given, bool):
        return given, {}
    if isinstance(given, list) and all(isinstance(flow, str) for flow in given):
        return False, dict.fromkeys(given, True)
    if isinstance(given, dict) and all(isinstance(on, bool) for on in given.values()):
        return True, given
    raise StageError(f'{where} schedules is {given!r}; write true, false, ["a_flow"] or {{ a_flow = false }}')


def _without_schedules(flow: CompiledFlow) -> CompiledFlow:
    schedule = flow.options.schedule
    if schedule is None:
        return flow
    return replace(flow, options=replace(flow.options, schedule=replace(schedule, expressions=())))


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"which is none of {', '.join(names) or 'none'}"
