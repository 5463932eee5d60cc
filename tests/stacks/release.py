"""The app whose templates are kept with the tests as those of the last release, and how they are read.

`python -m tests.stacks.release` writes them anew; do that when a release is made, not when a test fails.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from nightshift import Alarm, cron, topic
from nightshift.triggers import Schedule
from stacks.settings import Settings
from tests.stacks.compiled import compiled

RECORDED = Path(__file__).with_name("release.json")

_ASSET = re.compile(r"\b[0-9a-f]{64}\b")

Templates = dict[str, dict[str, Any]]
"""Name of a template's file -> the template."""


def flows() -> list[Any]:
    """Flows with every trigger and every kind of step, whose definitions do not change with the compiler."""
    item = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "x", "States": {}}
    check = "AWS/EC2:StatusCheckFailed"
    twice = Schedule(("cron(0 9 * * ? *)", "cron(0 21 * * ? *)"), "Asia/Tokyo")
    return [
        compiled("backup", "ec2.stop_instances", "ebs.create_snapshot", schedule=cron("0 22 * * ? *")),
        compiled("twice", "ec2.stop_instances", calls=("backup",), schedule=twice, operators=("dba",)),
        compiled("asked", approval=True),
        compiled("wide", states={"map": {"Type": "Map", "ItemProcessor": item, "End": True}}),
        compiled("alarmed", "notify.email", on_alarm=Alarm(check, 1, dimensions={"InstanceId": "i-1"})),
        compiled("watched", on_alarm=Alarm(check, 1, instance_tag="Role=web", at_most_one_per="15m")),
        compiled("told", on_alarm=topic()),
        compiled("listens", on_alarm=topic("arn:aws:sns:eu-west-1:123456789012:monitoring")),
    ]


def synthesized(folder: Path) -> Templates:
    """The templates of the app as it is now, with the hashes of assets left out. folder: an empty one."""
    from aws_cdk import App

    from stacks.app_stack import NightshiftStack

    (folder / "page").mkdir()
    (folder / "page" / "index.html").write_text("page", encoding="utf-8")
    app = App(outdir=str(folder / "out"))
    settings = Settings(flow_defs=folder, page=folder / "page")
    NightshiftStack(app, settings.prefix, settings=settings, flows=flows())
    app.synth()
    return {
        file.name: json.loads(_ASSET.sub("HASH", file.read_text(encoding="utf-8")))
        for file in sorted((folder / "out").glob("*.template.json"))
    }


def main() -> None:
    """Record the templates, a resource a line."""
    with tempfile.TemporaryDirectory() as folder:
        templates = synthesized(Path(folder))
    lines = [f'"{name}": {{{_resources(template)}}}' for name, template in templates.items()]
    RECORDED.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def _resources(template: dict[str, Any]) -> str:
    resources = template["Resources"].items()
    lines = [f'"{name}": {json.dumps(resource, sort_keys=True)}' for name, resource in resources]
    return '"Resources": {\n' + ",\n".join(lines) + "}"


if __name__ == "__main__":
    main()
