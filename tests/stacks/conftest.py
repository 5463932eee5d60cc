"""One synthesized app, for all tests that look at templates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.calendar.deadlines import Deadlines
from lambdas.parts import all_parts, find_part
from nightshift import Alarm, cron, topic
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from stacks.company.company import Company
from stacks.settings import Settings
from tests.stacks.compiled import compiled

if TYPE_CHECKING:
    from aws_cdk import App

    from stacks.app_stack import NightshiftStack

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Synthesized:
    """A cloud assembly: its folder, the template of the stack, and those of the nested stacks by file name."""

    folder: Path
    template: dict[str, Any]
    nested: dict[str, dict[str, Any]]

    @property
    def files(self) -> list[Path]:
        """All templates."""
        return sorted(self.folder.glob("*.template.json"))

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """All resources of a type, of all templates."""
        templates = [self.template, *self.nested.values()]
        return [r for template in templates for r in template["Resources"].values() if r["Type"] == kind]


WEEKLY = cron("0 1 ? * MON *")
AT_NIGHT = Deadlines("01:15", "06:00", "45m")
TOLD_TOPIC = "arn:aws:sns:us-east-1:123456789012:operations"


def every_flow() -> list[CompiledFlow]:
    """The example flows, and flows that use everything else: every part, every trigger, approval."""
    each = Alarm("AWS/EC2:StatusCheckFailed", 1, instance_tag="Role=web")
    foreign = topic("arn:aws:sns:us-east-1:123456789012:monitoring", parameters={"instance_id": "InstanceId"})
    status_check = Alarm("AWS/EC2:StatusCheckFailed", 1, dimensions={"InstanceId": "i-1"})
    return [
        *load_flows(ROOT / "flow_defs"),
        compiled(
            "everything",
            *all_parts(),
            calls=("listen",),
            approval=True,
            reminds=True,
            schedule=cron("0 1 ? * MON *"),
            deadlines=AT_NIGHT,
        ),
        compiled("listen", "ec2.stop_instances", on_alarm=foreign),
        compiled("alarmed", "ec2.stop_instances", on_alarm=status_check),
        compiled("watched", "ec2.stop_instances", on_alarm=each),
        compiled("told", "ec2.stop_instances", on_alarm=topic(), notify=("ops@example.com", TOLD_TOPIC)),
    ]


def everything(
    app: App, folder: Path, *, dashboard: bool = True, company: Company | None = None, suffix: str = ""
) -> NightshiftStack:
    """The app of `every_flow`.

    folder: an empty one, for its page. suffix: what its names end with.
    """
    from stacks.app_stack import NightshiftStack

    flows = every_flow()
    for name in flows[-4].parts:
        assert find_part(name)
    for name in ("index.html", "assets/index-0a1b.js", ".vite/manifest.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    settings = Settings(
        suffix=suffix,
        flow_defs=ROOT / "flow_defs",
        lambda_environment=environment,
        dashboard=dashboard,
        page=folder,
        company=company or Company(),
    )
    return NightshiftStack(app, settings.prefix, settings=settings, flows=flows)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The app of everything, synthesized as the CDK CLI does it."""
    from aws_cdk import App

    folder = tmp_path_factory.mktemp("assembly")
    cdk = App(outdir=str(folder), context={"aws:cdk:enable-asset-metadata": True})
    everything(cdk, tmp_path_factory.mktemp("page"))
    cdk.synth()
    return synthesized(folder)


def synthesized(folder: Path) -> Synthesized:
    """What lies in the folder of a cloud assembly."""
    nested = {file.name: json.loads(file.read_text()) for file in folder.glob("*.nested.template.json")}
    return Synthesized(folder, json.loads((folder / "nightshift.template.json").read_text()), nested)
