"""cfn-lint judges the templates for every region it knows; outside the partition "aws" without the dashboard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from aws_cdk import App
from aws_cdk.region_info import RegionInfo
from cfnlint.helpers import REGIONS

from tests.stacks.conftest import Synthesized, everything

CLASSIC = [region for region in REGIONS if RegionInfo.get(region).partition == "aws"]
OTHERS = [region for region in REGIONS if region not in CLASSIC]


def findings(files: Iterable[Path], regions: Iterable[str]) -> str:
    """What cfn-lint says of templates."""
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--regions", *regions, "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


def test_nothing_is_wrong_in_any_region_of_the_partition_aws(app: Synthesized) -> None:
    assert {"ap-northeast-1", "us-east-1", "eu-central-2", "mx-central-1"} < set(CLASSIC)
    assert findings(app.files, CLASSIC) == ""


def test_nothing_is_wrong_in_govcloud_china_and_the_other_partitions(app: Synthesized, tmp_path: Path) -> None:
    assert {"us-gov-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"} < set(OTHERS)
    shared = app.folder / "nightshift.template.json"
    assert "'AWS::Cognito::UserPool' does not exist in 'cn-north-1'" in findings([shared], ["cn-north-1"])
    cdk = App(outdir=str(tmp_path / "out"))
    everything(cdk, tmp_path, dashboard=False)
    cdk.synth()
    assert findings((tmp_path / "out").glob("*.template.json"), OTHERS) == ""
