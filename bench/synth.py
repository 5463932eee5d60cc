"""What synthesizing many flows costs: the time of `python app.py` over that of a bare CDK app of the same resources.

The bare app (`synthesis/bare_app.py`) makes each resource of the flows as an L1 construct in the same nested stacks,
and nothing else: no compiling, no functions, no tracker. Both run in a fresh process, alternately, and the best of the
rounds counts, in seconds of the processor (Python's and Node's), so that other work of the machine does not. One run
more counts the calls from Python into jsii.

    python bench/synth.py [--flows 1 100 500] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "bench" / "synthesis"

FLOW = '''
"""Generated: flow {number}."""

from lambdas.parts import ebs, ec2, notify
from nightshift import cron, flow


@flow(schedule=cron("{minute} {hour} * * ? *", timezone="Asia/Tokyo"), timeout="3h")
def nightly_backup_{number}():
    """Stop group {number}, snapshot its volumes, and always start again what was stopped."""
    stopped = ec2.stop_instances(tag="Backup=group-{number}")
    try:
        snapshots = ebs.create_snapshot(instance_tag="Backup=group-{number}", generation=7)
    finally:
        ec2.start_instances(instance_id=stopped.changed, status_check=True)
    if len(snapshots.failed) > 0:
        notify.email(to="ops@example.com", subject="group {number} failed", body=snapshots.summary)
    else:
        notify.email(to="ops@example.com", template="result", result=snapshots)
'''


def main() -> None:
    """Print one line per number of flows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[1, 100, 500])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{'flows':>6} {'resources':>10} {'bare CDK app':>21} {'python app.py':>21} {'ratio':>6}")
    for count in options.flows:
        resources, bare, app = measure(count, options.rounds)
        print(f"{count:>6} {resources:>10,} {bare} {app} {app.seconds / bare.seconds:>6.2f}", flush=True)


@dataclass(frozen=True)
class Cost:
    """What a synthesis takes: the best seconds, and calls into jsii."""

    seconds: float
    calls: int

    def __str__(self) -> str:
        return f"{self.seconds:>6.2f} s {self.calls:>6,} calls"


def measure(count: int, rounds: int) -> tuple[int, Cost, Cost]:
    """How many resources `count` flows have, and what the bare app and this app take for them."""
    with tempfile.TemporaryDirectory() as folder:
        flow_defs, file = Path(folder, "flow_defs"), Path(folder, "resources.json")
        generate(flow_defs, count)
        stacks = resources_of(flow_defs)
        file.write_text(json.dumps(stacks))
        bare = [str(HERE / "bare_app.py"), str(file)]
        app, context = [str(ROOT / "app.py")], {"flow_defs": str(flow_defs), "dashboard": "false"}
        times = [(seconds(bare, folder, {}), seconds(app, folder, context)) for _ in range(rounds)]
        return (
            sum(len(resources) for resources in stacks.values()),
            Cost(min(bare_time for bare_time, _ in times), calls(bare, folder, {})),
            Cost(min(app_time for _, app_time in times), calls(app, folder, context)),
        )


def generate(folder: Path, count: int) -> None:
    """Write `count` flow files of the size of the nightly backup."""
    folder.mkdir()
    for number in range(count):
        source = FLOW.format(number=number, minute=number % 60, hour=number // 60 % 24)
        (folder / f"nightly_backup_{number}.py").write_text(source.lstrip())


def resources_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The resources of the flows by the name of their nested stack, as this app makes them."""
    sys.path.insert(0, str(ROOT))
    from nightshift.project import load_flows
    from stacks.flow import flow_resources
    from stacks.settings import Settings
    from stacks.spread import spread

    stacks: dict[str, dict[str, Any]] = {}
    for number, flows in spread(load_flows(folder)).items():
        for flow in flows:
            stacks.setdefault(f"Flows{number:02}", {}).update(flow_resources(Settings(), flow))
    return stacks


def seconds(command: list[str], folder: str, context: dict[str, str]) -> float:
    """The processor time that a fresh Python and its Node take for a CDK app."""
    before = getrusage(RUSAGE_CHILDREN)
    run(command, folder, context)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def calls(command: list[str], folder: str, context: dict[str, str]) -> int:
    """How many requests a CDK app sends to jsii."""
    return int(run([str(HERE / "counted.py"), *command], folder, context))


def run(command: list[str], folder: str, context: dict[str, str]) -> str:
    """Synthesize a CDK app in a fresh Python; its output."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "CDK_OUTDIR": out,
            "CDK_CONTEXT_JSON": json.dumps(context),
        }
        command = [sys.executable, *command]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
