"""The organization of a fleet in this process: the accounts that machines name, and the machines in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from lambdas.contract.target import USUAL_MEMBER_ROLE
from nightshift.local.seed import Machine, launch_fleet
from nightshift.simulation.clients import SimulatedAws


def launch(aws: SimulatedAws, machines: Sequence[Machine], settle: Callable[[], None]) -> list[str]:
    """Make machines, each in its account and Region, with the organization that these accounts need; their ids.

    settle: lets every change of state arrive.
    """
    ids = _accounts(aws, [machine.account for machine in machines if machine.account])
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, machine in enumerate(machines):
        places[machine.account, machine.region].append(number)
    launched: dict[int, str] = {}
    for (account, region), numbers in places.items():
        role = f"arn:aws:iam::{ids[account]}:role/{USUAL_MEMBER_ROLE}" if account else None
        ec2 = aws.client("ec2", region=region or None, role_arn=role)
        made = launch_fleet(ec2, [machines[number] for number in numbers], settle)
        launched.update(zip(numbers, made, strict=True))
    return [launched[number] for number in range(len(machines))]


def _accounts(aws: SimulatedAws, paths: list[str]) -> dict[str, str]:
    """The id of each account by its path, "dev/web": made where there is none yet, as are the units above it."""
    known: dict[str, str] = aws.world.notes.setdefault("accounts", {})
    missing = [path for path in dict.fromkeys(paths) if path not in known]
    if not missing:
        return known
    service = aws.client("organizations")
    if not known:
        service.create_organization(FeatureSet="ALL")
    (root,) = service.list_roots()["Roots"]
    for path in missing:
        *units, name = path.split("/")
        made = service.create_account(AccountName=name, Email=f"{name}@example.com")
        known[path] = made["CreateAccountStatus"]["AccountId"]
        if units:
            parent = _unit(service, root["Id"], units)
            service.move_account(AccountId=known[path], SourceParentId=root["Id"], DestinationParentId=parent)
    return known


def _unit(service: Any, parent: str, names: list[str]) -> str:
    """The id of a unit by the names above it, which are made where there are none."""
    for name in names:
        listed = service.list_organizational_units_for_parent(ParentId=parent)["OrganizationalUnits"]
        found = next((unit for unit in listed if unit["Name"] == name), None)
        unit = found or service.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]
        parent = unit["Id"]
    return parent
