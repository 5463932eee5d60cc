"""A busy installation: a month of runs of many flows on many instances, written into the table as the tracker would."""

from __future__ import annotations

import copy
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.store import audit
from lambdas.tracker import keys, touched
from lambdas.tracker.counters import contribution, places
from lambdas.tracker.opened import OpenItem
from lambdas.tracker.opened import item_of as open_item_of
from lambdas.tracker.record import STATES, Counts, Record
from lambdas.tracker.store import item_of

REGION, ACCOUNT = "eu-west-1", "123456789012"
GROUP = "desk"
"""Whose members operate some of the flows."""

_PAGE = 100


@dataclass(frozen=True)
class Crowd:
    """How much there is. days: in which the runs start, up to now. One run in five is of the first ten flows."""

    runs: int = 10_000
    flows: int = 200
    instances: int = 500
    days: int = 30
    acts: int = 3000


def flow_name(number: int) -> str:
    """The name of a flow."""
    return f"flow_{number:03}"


def catalogue_of(shipped: Mapping[str, Any], crowd: Crowd, operated: int) -> dict[str, Any]:
    """A catalogue of so many flows, made of the shipped ones; the first `operated` of them are for the group."""
    models = list(shipped.values())
    made = {}
    for number in range(crowd.flows):
        entry = copy.deepcopy(models[number % len(models)])
        made[flow_name(number)] = {**entry, "operators": [GROUP] if number < operated else [], "presets": []}
    return made


def launch(ec2: Any, instances: int) -> list[str]:
    """Launch instances with the tags that the shipped flows select by; their ids."""
    found: list[str] = []
    tags = [{"Key": key, "Value": value} for key, value in (("Backup", "nightly"), ("Name", "server"))]
    for begin in range(0, instances, _PAGE):
        number = min(_PAGE, instances - begin)
        tagged = [{"ResourceType": "instance", "Tags": tags}]
        answer = ec2.run_instances(
            ImageId="ami-12c6146b", InstanceType="t3.micro", MinCount=number, MaxCount=number, TagSpecifications=tagged
        )
        found += [each["InstanceId"] for each in answer["Instances"]]
    return found


def fill(table: Any, crowd: Crowd, instances: Sequence[str]) -> None:
    """Write the runs with what lists need of them, what is open of those of the last day, and what people did."""
    counters: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    rng = random.Random(1)
    with table.batch_writer() as batch:
        for record in _records(crowd, rng):
            detail = _detail(record, rng.sample(list(instances), 2))
            batch.put_item(Item=item_of(record, version=2, detailed=record.has_ended))
            if record.has_ended:
                touched.write(table, record, detail)
            if record.state == "FAILED" and datetime.now(UTC) - record.started < timedelta(days=1):
                found = OpenItem(record.flow, record.name, "failed", record.started, record.started, record.name, "why")
                batch.put_item(Item=open_item_of(found))
            counted = contribution(record)
            for key, made in places(counted):
                counters[key] = made(counters[key], counted, 1)
        for (partition, sort), texts in counters.items():
            batch.put_item(Item={"pk": partition, "sk": sort, **texts, "version": 2})
    for number in range(crowd.acts):
        at = datetime.now(UTC) - timedelta(days=crowd.days) * number / crowd.acts
        audit.record(table, by="alice", action="run", flow=flow_name(number % crowd.flows), now=at)


def _records(crowd: Crowd, rng: random.Random) -> Iterator[Record]:
    """The runs in the order of their start: one in ten did not succeed, the last twenty go on."""
    end = datetime.now(UTC)
    for number in range(crowd.runs):
        started = end - timedelta(days=crowd.days) * (crowd.runs - number) / crowd.runs
        running = number >= crowd.runs - 20
        state = "RUNNING" if running else rng.choices(STATES[1:], (90, 4, 1, 2, 3))[0]
        flow = flow_name(rng.randrange(10) if number % 5 == 0 else rng.randrange(crowd.flows))
        name = f"{flow}-{number:06}"
        by_hand = {"type": "manual", "by": "arn:aws:sts::123456789012:assumed-role/Ops/alice"}
        by_clock = {"type": "schedule", "schedule": flow, "scheduled_time": keys.moment_text(started)}
        yield Record(
            flow,
            name,
            f"arn:aws:states:{REGION}:{ACCOUNT}:execution:nightshift-{flow}:{name}",
            state,
            started,
            None if running else started + timedelta(seconds=rng.randrange(1, 3600)),
            by_hand if number % 20 == 0 else by_clock,
            counts=Counts(2, 2, 0, 0),
            error="PartFailed" if state == "FAILED" else "",
        )


def _detail(record: Record, ids: Sequence[str]) -> dict[str, Any]:
    """A step that stops two instances, or starts them."""
    part = touched.STOP if int(record.name[-1]) % 2 else touched.START
    instances = [{"instance_id": id_, "instance_type": "t3.micro"} for id_ in ids]
    moment = keys.moment_text(record.ended or record.started)
    result = {"part": part, "changed": list(ids), "failed": [], "instances": instances}
    return {"steps": [{"part": part, "result": result, "started": moment, "ended": moment}]}
