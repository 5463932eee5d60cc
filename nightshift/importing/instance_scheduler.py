"""Writes the schedules of Instance Scheduler on AWS as flows: one that starts, one that stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path

from nightshift.importing import scheduler_flows as flows
from nightshift.importing.carried import Import, Note, checked
from nightshift.importing.days import Days, fit, leaps, names_of, schedule, schedules
from nightshift.importing.scheduler_config import Config, Scheduled, read
from nightshift.importing.transitions import Change, changes
from nightshift.importing.writing import Code, FlowCode, flat, flow_file, identifier

TAG_KEY = "Schedule"
"""The tag of the instances, unless the stack was given another."""


def import_instance_scheduler(paths: list[Path], tag_key: str | None = None, timezone: str | None = None) -> Import:
    """Flow files for the schedules of a configuration.

    tag_key: the tag whose value names the schedule; timezone: of schedules that name none. Default: what the
    configuration says, else "Schedule" and UTC.
    Raises ImportProblem at what cannot be read, OSError.
    """
    config = read(paths)
    config.tag_key = tag_key or config.tag_key or TAG_KEY
    imported, files, names = Import(), set[str](), set[str]()
    for scheduled in config.schedules:
        text = _Writer(config, scheduled, timezone, imported, names).file()
        if text:
            imported.files[f"{identifier(scheduled.name, files)}.py"] = text
    if config.services and "rds" in config.services:
        for scheduled in config.schedules:
            _note(imported, scheduled, "scheduled_services", flows.RDS)
    return checked(imported)


class _Writer:
    """Writes the file of one schedule."""

    def __init__(
        self, config: Config, scheduled: Scheduled, timezone: str | None, imported: Import, names: set[str]
    ) -> None:
        self.scheduled = scheduled
        self.imported = imported
        self.names = names
        self.tag = f"{config.tag_key}={scheduled.name}"
        self.zone = scheduled.zone or config.zone or timezone or "UTC"
        if not (scheduled.zone or config.zone or timezone):
            self.note(
                "timezone", "it names no time zone, so its times are read as UTC; give --timezone if they are not"
            )

    def note(self, key: str, message: str) -> None:
        _note(self.imported, self.scheduled, key, message)

    def file(self) -> str | None:
        """The text of the file; None when there is nothing to write."""
        self._notes()
        found = {change: self._when(times) for change, times in changes(self.scheduled.periods).items()}
        starts = {change.instance_type: code for change, code in found.items() if change.to == "running" and code}
        stop = found.get(Change("stopped"))
        override = self.scheduled.values["override_status"]
        written: list[FlowCode] = []
        for instance_type, when in starts.items():
            written.append(self._start(instance_type, None if override == "stopped" else when, len(starts) > 1))
        if stop:
            written.append(self._stop(None if override == "running" else stop))
        if override:
            self._override(override, starts.values() if override == "stopped" else [stop] if stop else [])
        if not written:
            self.note("periods", "nothing ever starts or stops by it, so no flow was written")
            return None
        values = self.scheduled.values
        said = str(values.get("description") or f"The schedule {self.scheduled.name} of Instance Scheduler").rstrip(".")
        return flow_file(f"{said}.", [], written)

    def _when(self, times: dict[time, set[date]]) -> Code | None:
        """The schedule of a change; what no cron expression can name is noted, and left out."""
        clocks: dict[Days, list[time]] = defaultdict(list)
        for clock, days in sorted(times.items()):
            found = fit(days)
            if not found:
                said = "the days on which it changes at {:%H:%M} are none that cron expressions can name"
                self.note("periods", f"{said.format(clock)}; give the flow a schedule for them")
            for each in found:
                clocks[each].append(clock)
            if leaps(clock, days, self.zone):
                hint = "that day Instance Scheduler acts an hour later, the flow not at all"
                self.note("timezone", f"the clock of {self.zone} leaps over {clock:%H:%M} in spring: {hint}")
        return schedules(schedule(at, days, self.zone) for days, at in clocks.items()) if clocks else None

    def _start(self, instance_type: str | None, when: Code | None, several: bool) -> FlowCode:
        suffix = f" {instance_type or 'as they are'}" if several else ""
        name = identifier(f"start {self.scheduled.name}{suffix}", self.names)
        retained = self.scheduled.name if self.scheduled.on("retain_running") else None
        return _triggered(flows.start(name, self.tag, self.scheduled.name, instance_type, retained), when)

    def _stop(self, when: Code | None) -> FlowCode:
        name = identifier(f"stop {self.scheduled.name}", self.names)
        retained = self.scheduled.name if self.scheduled.on("retain_running") else None
        hibernate = self.scheduled.on("hibernate")
        return _triggered(flows.stop(name, self.tag, self.scheduled.name, hibernate, retained), when)

    def _override(self, override: str, off: Iterable[Code]) -> None:
        does = "stops" if override == "running" else "starts"
        later = ", ".join(flat(code) for code in off)
        back = f"; when the override ends, give it schedule={later}" if later else ""
        self.note(
            "override_status",
            f"override_status keeps the instances {override}: the flow that {does} them has no schedule{back}",
        )

    def _notes(self) -> None:
        values = self.scheduled.values
        for key, message in flows.NOT_CARRIED.items():
            if self.scheduled.on(key) if key in flows.SWITCHES else values.get(key):
                self.note(key, message)
        if values.get("stop_new_instances") not in (None, "") and self.scheduled.on("stop_new_instances"):
            self.note("stop_new_instances", flows.NEW_INSTANCES)
        if "no_stack_prefix" in values or "NoStackPrefix" in self.scheduled.entry:
            prefixed = not self.scheduled.on("no_stack_prefix")
        else:
            prefixed = "ServiceToken" in self.scheduled.entry
        if prefixed:
            self.note(
                "name", f"the stack wrote its own name before {self.scheduled.name!r}: correct the tag in the flows"
            )


def _triggered(flow: FlowCode, when: Code | None) -> FlowCode:
    if when is not None:
        flow.options.insert(0, flows.scheduled(when))
        flow.uses |= names_of(when)
    return flow


def _note(imported: Import, scheduled: Scheduled, key: str, message: str) -> None:
    line = scheduled.entry.lines.get(key, scheduled.entry.line)
    imported.notes.append(Note(scheduled.entry.path, line, scheduled.name, message))
