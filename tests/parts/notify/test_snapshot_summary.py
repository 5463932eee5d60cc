"""The mail of snapshots that a person reads, rendered from a real result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lambdas.parts import ebs, notify
from tests.parts.driver import RUN, TestAws, drive

OPS = "ops@example.com"


def test_the_snapshot_summary_names_what_a_person_knows(aws: TestAws, launch: Any) -> None:
    launch(1, Backup="nightly", Name="db-1")
    params = {"instance_tag": "Backup=nightly", "generation": 1}
    first = drive(ebs.create_snapshot, aws, params, run=replace(RUN, id=RUN.id + "0")).result
    second = drive(ebs.create_snapshot, aws, params).result
    mail = {"to": OPS, "template": "snapshot_summary", "result": second, "dry_run": True}
    text = drive(notify.email, aws, mail).result["text"]
    lines = text.splitlines()
    assert lines[0] == second["summary"]
    assert f"  {second['changed'][0]} (db-1 /dev/sda1): {second['snapshot_ids'][0]}, 8 GiB" in lines
    assert f"  {first['snapshot_ids'][0]}" in lines[lines.index("  OLD SNAPSHOTS DELETED") :]
    assert len(lines) < 15
