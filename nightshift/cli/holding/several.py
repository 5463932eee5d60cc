"""`nightshift hold` and `release` of several flows at once, and of all of them by a freeze."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lambdas.contract.errors import InvalidParameter
from lambdas.gate import holds
from lambdas.gate.holds import Hold
from nightshift.cli.flows import all_flows, chosen, existing, find_flow
from nightshift.cli.holding.acting import check_has_trigger
from nightshift.cli.listing import plain, zone
from nightshift.cli.output import print_json
from nightshift.cli.target import operator, table
from nightshift.model import CompiledFlow
from nightshift.views.catalogue_file import selected_tags


@dataclass(frozen=True)
class Selection:
    """Which flows of a folder are meant.

    names: of flows. tags: "Key=Value", of instances; flows that select by one of them are meant. below: a folder in the
    folder of the flows, whose flows are meant; with tags, those of both.
    """

    folder: Path
    names: Sequence[str] = ()
    tags: Sequence[str] = ()
    below: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is selected."""
        return not self.names and not self.tags and self.below is None

    @property
    def one(self) -> bool:
        """Whether it is a single flow, by its name."""
        return len(self.names) == 1 and not self.tags and self.below is None

    def flows(self) -> list[CompiledFlow]:
        """The flows, by name; of tags and folders those that something starts.

        Raises InvalidParameter where nothing matches; FlowNotFound.
        """
        found = {flow.name: flow for flow in (find_flow(name, self.folder) for name in self.names)}
        if self.tags or self.below is not None:
            found |= {flow.name: flow for flow in self._matching()}
        return [found[name] for name in sorted(found)]

    def _matching(self) -> Iterable[CompiledFlow]:
        matching = [flow for flow in all_flows(self.folder) if self._matches(flow) and _has_trigger(flow)]
        if not matching:
            raise InvalidParameter(
                f"nothing matches: {self.folder} has no such flow that a schedule or an alarm starts; see "
                "`nightshift list`"
            )
        return matching

    def _matches(self, flow: CompiledFlow) -> bool:
        inside = self.below is None or flow.file.resolve().is_relative_to(existing(self.folder / self.below).resolve())
        selects = {tag for tags in selected_tags(flow) for tag in tags}
        return inside and (not self.tags or not selects.isdisjoint(self.tags))


def hold(selection: Selection, target: str, *, until: str | None, why: str, now: datetime, as_json: bool) -> None:
    """Put flows on hold, each until that time in its own zone. Raises InvalidParameter before any of them is held."""
    flows = selection.flows()
    ends: dict[str, datetime | None] = {}
    for flow in flows:
        check_has_trigger(flow)
        ends[flow.name] = holds.moment_of(until, zone(flow)) if until else None
        holds.check(why, ends[flow.name], now)
    app_table, by = table(target), operator(target)
    retired = {name for name, held in holds.read_all(app_table, ends).items() if held.retired}
    made = {
        flow.name: holds.hold(app_table, flow.name, by=by, why=why, until=ends[flow.name], now=now)
        for flow in flows
        if flow.name not in retired
    }
    if as_json:
        print_json([{"flow": name, "hold": plain(hold)} for name, hold in made.items()])
        return
    for flow in flows:
        print(f"{flow.name} is {made[flow.name].told(zone(flow)) if flow.name in made else 'retired, and stays so'}")


def release(selection: Selection, target: str, *, now: datetime, as_json: bool) -> None:
    """End the holds of flows; those that are retired stay so."""
    flows = selection.flows()
    app_table, by = table(target), operator(target)
    standing = holds.read_all(app_table, [flow.name for flow in flows])
    ended = {
        flow.name: holds.release(app_table, flow.name, by=by, now=now)
        for flow in flows
        if not standing[flow.name].retired
    }
    if as_json:
        print_json([{"flow": name, "released": hold and plain(hold)} for name, hold in ended.items()])
        return
    for flow in flows:
        was = ended.get(flow.name)
        retired = standing[flow.name].retired
        said = (
            "retired, and stays so" if retired else "not held" if was is None else f"no longer {was.told(zone(flow))}"
        )
        print(f"{flow.name} is {said}")


def freeze(
    folder: Path, target: str, *, until: str | None, why: str, exempt: Sequence[str], now: datetime, as_json: bool
) -> None:
    """Hold all flows of the app. exempt: names of flows that are left out. Raises InvalidParameter, FlowNotFound."""
    known = all_flows(folder) if exempt else []
    left_out = [chosen(name, known, str(folder)).name for name in exempt]
    end = _end(until, folder) if until else None
    made = holds.freeze(table(target), by=operator(target), why=why, until=end, exempt=left_out, now=now)
    if as_json:
        print_json({"freeze": plain(made)})
        return
    print(f"All flows are {_told(made, _zone(end))}")
    if left_out:
        print(f"Left out: {', '.join(made.exempt)}")
    print("No schedule and no alarm starts a flow; by hand they can be started. To end it: nightshift release --all")


def unfreeze(target: str, *, now: datetime, as_json: bool) -> None:
    """End the freeze; flows that are held by themselves stay so."""
    ended = holds.release(table(target), holds.EVERY, by=operator(target), now=now)
    if as_json:
        print_json({"released": ended and plain(ended)})
    elif ended is None:
        print("The flows were not held all at once; release those that are held by name, see `nightshift list`")
    else:
        print(f"The flows are no longer {_told(ended, 'UTC')}; those that are held by themselves stay so")


def _told(freeze: Hold, timezone: str) -> str:
    """A freeze in words, where it is said already that it is of all flows."""
    return replace(freeze, freeze=False).told(timezone)


def _end(until: str, folder: Path) -> datetime:
    """The end of a freeze: with its own offset, or in the zone that all schedules have."""
    end = holds.moment_of(until, "UTC")
    if end.utcoffset() == datetime.fromisoformat(until.strip()).utcoffset():
        return end
    zones = sorted({zone(flow) for flow in all_flows(folder) if flow.options.schedule}) or ["UTC"]
    if len(zones) > 1:
        raise InvalidParameter(
            f"the schedules are in several time zones ({', '.join(zones)}); write --until with an offset, as in "
            f"{end:%Y-%m-%dT%H:%M}+09:00"
        )
    return holds.moment_of(until, zones[0])


def _zone(end: datetime | None) -> str:
    return getattr(end.tzinfo, "key", "UTC") if end else "UTC"


def _has_trigger(flow: CompiledFlow) -> bool:
    return bool(flow.options.schedule or flow.options.on_alarm)
