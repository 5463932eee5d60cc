"""A file in `parts/` of a project is a part like ours: compiled, deployed with exactly its permissions, simulated."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_cdk import App
from moto import mock_aws

import nightshift
from lambdas.parts import find_part
from lambdas.runs.app_names import AppNames
from lambdas.runtime.clients import AwsClients
from nightshift.cli import run
from nightshift.cli.simulating import Span, chosen, simulate
from nightshift.own_parts import FakeLacks, finding, use_own_parts
from nightshift.own_parts.locking import PLATFORM, PYTHON
from nightshift.project import load_flows
from nightshift.simulation.clients import SimulatedAws
from nightshift.simulation.fleet import simulated_fleet
from nightshift.views.catalogue_file import catalogue_json
from stacks.app_stack import NightshiftStack
from stacks.settings import Settings
from stacks.template import layer
from tests.own_parts.conftest import STOP, Write

PAGE = Path(__file__).parents[2] / "docs" / "own-part.md"
NAME = "rds.stop_db_instance"
FAKE = '''"""RDS in the simulation."""


class Rds:
    def __init__(self, now):
        self.status = "available"

    def describe_db_instances(self, DBInstanceIdentifier):
        return {"DBInstances": [{"DBInstanceIdentifier": DBInstanceIdentifier, "DBInstanceStatus": self.status}]}

    def stop_db_instance(self, DBInstanceIdentifier):
        self.status = "stopped"
        return {}


FAKES = {"rds": Rds}
'''


@pytest.fixture
def template(flow_defs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The stack of the project, whose packages come from no index."""
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as empty:
        empty.writestr("python/x.py", "")
    monkeypatch.setattr("stacks.template.assets.layer_archive", lambda lock, here=False: archive)
    app = App(outdir=str(tmp_path / "cdk.out"))
    NightshiftStack(app, "nightshift", settings=Settings(flow_defs=flow_defs, dashboard=False))
    app.synth()
    found: dict[str, Any] = json.loads((tmp_path / "cdk.out/nightshift.template.json").read_text())["Resources"]
    return found


def function(resources: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [r["Properties"] for r in resources.values() if r["Properties"].get("FunctionName") == name]
    properties: dict[str, Any] = found
    return properties


def test_it_compiles_and_is_shown(flow_defs: Path) -> None:
    (flow,) = load_flows(flow_defs)
    assert flow.parts == (NAME,)
    shown = json.loads(catalogue_json([flow], flow_defs, AppNames()))
    assert "Stop a database instance" in json.dumps(shown)
    assert "rds:StopDBInstance" in json.dumps(shown)


def test_its_parameters_are_checked(write: Write, flow_defs: Path) -> None:
    text = (flow_defs / "stop_databases.py").read_text()
    write("flow_defs/stop_databases.py", text.replace("db_instance=db_instance", "db_instance=5"))
    with pytest.raises(nightshift.errors.CompileErrors, match=r"NS303 db_instance of rds.stop_db_instance is str"):
        load_flows(flow_defs)


def test_it_has_a_function_of_its_own_with_exactly_its_permissions(template: dict[str, Any], tmp_path: Path) -> None:
    made = function(template, "nightshift-rds-stop_db_instance")
    role = template[made["Role"]["Fn::GetAtt"][0]]["Properties"]
    actions = [s["Action"] for p in role["Policies"] for s in p["PolicyDocument"]["Statement"]]
    assert actions[0] == ["rds:DescribeDBInstances", "rds:StopDBInstance"]
    assert "PartsLayer" not in template
    archive = next(tmp_path.glob(f"cdk.out/*{made['Code']['S3Key']}"))
    with zipfile.ZipFile(archive) as code:
        assert "parts/rds/stop_db_instance.py" in code.namelist()
        assert "lambdas/runtime/handler.py" in code.namelist()


def test_its_packages_are_a_layer_that_only_own_parts_have(write: Write, request: pytest.FixtureRequest) -> None:
    write("parts/requirements.txt", f"humanize==4.9.0 \\\n    --hash=sha256:{'0' * 64}\n")
    flow = (write("flow_defs/x.py", "").parent / "stop_databases.py").read_text()
    write("flow_defs/x.py", flow.replace("import rds", "import rds\nfrom lambdas.parts import ec2").replace(
        "stop_databases", "x").replace("    return", '    ec2.stop_instances(tag="a=b")\n    return'))  # fmt: skip
    template = request.getfixturevalue("template")
    assert template["PartsLayer"]["Properties"]["LayerName"] == "nightshift-parts"
    layers = [{"Ref": "Layer"}, {"Ref": "PartsLayer"}]
    assert function(template, "nightshift-rds-stop_db_instance")["Layers"] == layers
    assert function(template, "nightshift-ec2-stop_instances")["Layers"] == layers[:1]


def test_the_lock_is_for_what_the_functions_run_on() -> None:
    assert PYTHON == layer.PYTHON
    assert PLATFORM.partition("-")[0] == {"arm64": "aarch64"}[layer.ARCHITECTURE]


def test_its_handler_finds_it(flow_defs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Lambda: by the environment of the function, with its archive on the path."""
    load_flows(flow_defs)
    use_own_parts(tmp_path / "nowhere")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NIGHTSHIFT_PART", NAME)
    monkeypatch.setenv("NIGHTSHIFT_PART_MODULE", f"parts.{NAME}")
    from lambdas.runtime.handler import _request

    run = {"id": "r", "flow": "f", "step": "s"}
    part, *_ = _request({"part": NAME, "params": {}, "state": None, "run": run})
    assert part.name == NAME
    for name in [name for name in sys.modules if name == "parts" or name.startswith("parts.")]:
        del sys.modules[name]


@mock_aws
def test_it_runs_under_cpython(flow_defs: Path) -> None:
    load_flows(flow_defs)
    rds = boto3.client("rds", region_name="us-east-1")
    rds.create_db_instance(DBInstanceIdentifier="db-1", Engine="mysql", DBInstanceClass="db.t3.micro")
    with nightshift.local_run(aws=AwsClients(region="us-east-1"), sleep=lambda s: None, log=lambda line: None):
        stopped = find_part(NAME)(db_instance="db-1")
    assert stopped.changed == ["db-1"]
    assert rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "stopped"


def failures(flow_defs: Path) -> list[str]:
    report = simulate(flow_defs, chosen(flow_defs, []), Span(date(2026, 4, 6), 2, "UTC"))
    return [told.reason for told in report.failures()]


def test_in_the_simulation_motos_services_answer(flow_defs: Path) -> None:
    """There is no database in the fleet: moto says so."""
    assert all("DBInstanceNotFound" in reason for reason in failures(flow_defs))
    assert len(failures(flow_defs)) == 2


def test_in_the_simulation_moto_answers_what_mails_and_messages_do_not_need() -> None:
    """Also of a service to which nightshift itself sends."""
    with simulated_fleet(lambda: 1_800_000_000.0) as world:
        aws = SimulatedAws(world)
        assert aws.client("sqs").list_queues().get("QueueUrls", []) == []
        assert aws.client("sns").list_topics()["Topics"] == []
        aws.client("sqs").send_message(QueueUrl="https://sqs/q", MessageBody="told")
        assert [letter.subject for letter in aws.letters] == ["told"]


def test_in_the_simulation_a_fake_beside_it_answers(write: Write, flow_defs: Path) -> None:
    write("parts/rds/_fake.py", FAKE)
    assert failures(flow_defs) == []


def test_a_service_that_nobody_answers_for_says_so(write: Write, flow_defs: Path) -> None:
    write("parts/rds/_fake.py", FAKE.replace("def stop_db_instance", "def another"))
    with pytest.raises(FakeLacks, match=r"the fake Rds of rds has no stop_db_instance; write that method"):
        failures(flow_defs)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            FAKE.replace("FAKES =", "FAKE ="),
            "has no FAKES; write below its class, by boto3's name: FAKES",
        ),
        (FAKE.replace('{"rds": Rds}', "Rds"), "has FAKES that is a type; write"),
        (
            FAKE.replace('"rds"', '"rsd"'),
            "FAKES names 'rsd', which is no service of AWS as boto3 calls it",
        ),
        (FAKE.replace(": Rds}", ": 3}"), "FAKES['rds'] is no class"),
        (f"import no_such_module\n{FAKE}", "cannot be imported: ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_fake_that_cannot_be_used_is_the_error_of_its_author(
    write: Write, flow_defs: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    write("parts/rds/_fake.py", text)
    assert run(["simulate", "--flow-defs", str(flow_defs), "--days", "2"]) == 1
    assert said in capsys.readouterr().err


def test_a_part_of_an_installed_package(
    write: Write, flow_defs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    write("site/acme_parts/rds/halt_db.py", STOP.replace("def stop_db_instance", "def halt_db"))
    write("site/acme_parts-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-parts\nVersion: 1.0\n")
    write("site/acme_parts-1.0.dist-info/entry_points.txt", "[nightshift.parts]\nacme = acme_parts\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    finding.installed_folders.cache_clear()
    flow = (flow_defs / "stop_databases.py").read_text()
    text = flow.replace("from parts", "from acme_parts").replace("rds.stop_db_instance", "rds.halt_db")
    write("flow_defs/halt.py", text.replace("stop_databases", "halt"))
    try:
        assert {flow.name: flow.parts for flow in load_flows(flow_defs)} == {
            "halt": ("rds.halt_db",),
            "stop_databases": (NAME,),
        }
        made = function(request.getfixturevalue("template"), "nightshift-rds-halt_db")
        assert made["Environment"]["Variables"]["NIGHTSHIFT_PART_MODULE"] == "acme_parts.rds.halt_db"
        with zipfile.ZipFile(next(tmp_path.glob(f"cdk.out/*{made['Code']['S3Key']}"))) as code:
            assert {"acme_parts/rds/halt_db.py", "parts/rds/stop_db_instance.py"} <= set(code.namelist())
        write("site/acme_parts/rds/stop_db_instance.py", STOP)
        with pytest.raises(nightshift.errors.CompileErrors, match="NS603 there is another part rds"):
            load_flows(flow_defs)
    finally:
        finding.installed_folders.cache_clear()
        monkeypatch.undo()


def test_a_part_of_ones_own_goes_before_one_of_that_name_that_nightshift_has(write: Write, flow_defs: Path) -> None:
    (own,) = [flow for flow in load_flows(flow_defs) if flow.name == "stop_databases"]
    assert own.parts == (NAME,)
    write(
        "flow_defs/both.py", (flow_defs / "stop_databases.py").read_text().replace("from parts", "from lambdas.parts")
    )
    with pytest.raises(nightshift.errors.CompileErrors, match="NS603 there are two parts rds"):
        load_flows(flow_defs)


def test_two_projects_in_one_process(write: Write, flow_defs: Path, tmp_path: Path) -> None:
    load_flows(flow_defs)
    write("other/flow_defs/f.py", (flow_defs / "stop_databases.py").read_text())
    write("other/parts/rds/stop_db_instance.py", STOP.replace("Stop a database instance", "Halt it"))
    load_flows(tmp_path / "other/flow_defs")
    assert (find_part(NAME).__doc__ or "").startswith("Halt it")
    load_flows(flow_defs)
    assert (find_part(NAME).__doc__ or "").startswith("Stop a database")


def test_the_page_shows_the_part_and_the_fake(write: Write, flow_defs: Path) -> None:
    flow, part, fake = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    write("flow_defs/stop_databases.py", flow)
    write("parts/rds/stop_db_instance.py", part)
    write("parts/rds/_fake.py", fake)
    assert failures(flow_defs) == []


def test_the_commands_show_it(flow_defs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["part", "list", "--flow-defs", str(flow_defs), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[0] == {
        "name": NAME,
        "from": "parts",
        "does": "Stop a database instance and wait until it is stopped.",
    }
    assert {"ec2.stop_instances"} <= {part["name"] for part in listed if part["from"] == "nightshift"}
    assert run(["part", "show", NAME, "--flow-defs", str(flow_defs)]) == 0
    assert "rds:StopDBInstance" in capsys.readouterr().out
