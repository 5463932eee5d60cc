"""What synthesizing many flows costs: the time of `python app.py` over that of a bare CDK app.

The bare app makes as many CfnStateMachine as there are flows, with the same definitions, a hundred to a stack, and
nothing else: no compiling, no functions, roles or schedules. Both run in a fresh process, alternately, and the best
of the rounds counts.

    python bench/synth.py [--flows 1 100 500] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

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
        notify.email(to="ops@example.com", template="snapshot_result", result=snapshots)
'''

BARE = """
import json, sys
from aws_cdk import App, Stack, aws_stepfunctions
definitions = json.load(open(sys.argv[1]))
app = App()
for first in range(0, len(definitions), 100):
    stack = Stack(app, f"Stack{first}")
    for number, definition in enumerate(definitions[first : first + 100]):
        aws_stepfunctions.CfnStateMachine(
            stack, f"Machine{number}", role_arn="arn:aws:iam::123456789012:role/flow", definition_string=definition
        )
app.synth()
"""


def main() -> None:
    """Print one line per number of flows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[1, 100, 500])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{'flows':>6} {'bare CDK app':>14} {'python app.py':>14} {'ratio':>6}")
    for count in options.flows:
        bare, app = measure(count, options.rounds)
        print(f"{count:>6} {bare:>12.2f} s {app:>12.2f} s {app / bare:>6.2f}", flush=True)


def measure(count: int, rounds: int) -> tuple[float, float]:
    """Best seconds of the bare app and of this app for `count` flows."""
    with tempfile.TemporaryDirectory() as folder:
        flow_defs, bare, definitions = (Path(folder, name) for name in ("flow_defs", "bare.py", "definitions.json"))
        generate(flow_defs, count)
        bare.write_text(BARE)
        definitions.write_text(json.dumps(compiled(flow_defs)))
        bare_times, app_times = [], []
        for _ in range(rounds):
            bare_times.append(seconds([str(bare), str(definitions)], folder, {}))
            app_times.append(seconds([str(ROOT / "app.py")], folder, {"flow_defs": str(flow_defs)}))
        return min(bare_times), min(app_times)


def generate(folder: Path, count: int) -> None:
    """Write `count` flow files of the size of the nightly backup."""
    folder.mkdir()
    for number in range(count):
        source = FLOW.format(number=number, minute=number % 60, hour=number // 60 % 24)
        (folder / f"nightly_backup_{number}.py").write_text(source.lstrip())


def compiled(folder: Path) -> list[str]:
    """The definitions of the flows, as text."""
    sys.path.insert(0, str(ROOT))
    from nightshift.project import load_flows

    return [json.dumps(flow.definition) for flow in load_flows(folder)]


def seconds(command: list[str], folder: str, context: dict[str, str]) -> float:
    """How long a fresh Python takes for a CDK app."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "CDK_OUTDIR": out,
            "CDK_CONTEXT_JSON": json.dumps(context),
        }
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *command],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return time.perf_counter() - start


if __name__ == "__main__":
    main()
