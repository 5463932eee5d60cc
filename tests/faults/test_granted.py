"""Granted = called: the IAM actions of a part are those of the API calls it makes in its scenarios, neither more nor
less."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdas.parts import all_parts, find_part
from nightshift.own_parts.permissions import needed_actions
from tests.faults.injection import FaultyAws
from tests.faults.machine import compile_part, execute
from tests.faults.scenarios import scenarios


@pytest.mark.parametrize("part", sorted(all_parts()))
def test_granted_is_called(part: str, aws: FaultyAws, tmp_path: Path) -> None:
    called: set[str] = set()
    for scenario in (s for s in scenarios() if s.part == part):
        for dry_run in (False, True):
            aws.start()
            params = scenario.begin(aws)
            execute(compile_part(part, {**params, "dry_run": dry_run}, tmp_path), aws)
            for service, operation, given in aws.services:
                # Every function may use the results bucket, and a system beyond AWS asks for no action.
                if given.get("Bucket") != "results" and service != "http":
                    called.update(needed_actions(service, operation, given))
    assert {action for allow in find_part(part).allow for action in allow.actions} == called
