"""Listing the accounts of an organization."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Result, Skipped, part
from lambdas.contract.target import MEMBER_ROLE, USUAL_MEMBER_ROLE, Target

_ID = re.compile(r"(ou|r)-[0-9a-z-]+")
_ACCOUNT = re.compile(r"\d{12}")
_WHOLE = "*"
_SHOWN = 20


@dataclass
class ListAccountsResult(Result):
    """Result of organizations.list_accounts.

    matched: ids of the accounts.
    targets: each of the accounts in each of the Regions, in the order of the Regions given.
    """

    targets: list[Target] = field(default_factory=list)


@dataclass(frozen=True)
class _Unit:
    """An organizational unit. path: the names from the root on, "Workloads/prod"."""

    id: str
    path: str


@part(
    allow=(
        Allow(("organizations:ListAccounts", "organizations:ListRoots")),
        Allow(
            ("organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"),
            (
                "arn:${AWS::Partition}:organizations::*:ou/o-*/ou-*",
                "arn:${AWS::Partition}:organizations::*:root/o-*/r-*",
            ),
        ),
    ),
    waits=False,
)
def list_accounts(
    call: Call,
    *,
    regions: str | list[str],
    ou: str | list[str] = "",
    exclude: str | list[str] = "",
    **common: Unpack[Common],
) -> ListAccountsResult:
    """List the accounts of an organization, each in some Regions, for parts to act there.

    AWS Organizations answers the management account and accounts it has delegated to; from another account give the
    `role_arn` of a role in one of these. A flow writes `accounts(...)` for the targets alone.

    Parameters:
    regions: the Regions to act in, as a list or as "eu-west-1;us-east-1".
    ou: organizational units by name ("prod"), path ("Workloads/prod") or id, with all units below them, and ids of
        accounts; default, and "*": the whole organization.
    exclude: accounts to leave out, by id or name; `*` and `?` are wildcards.

    Result: ListAccountsResult.

    Errors:
    InvalidParameter: there is no such unit or account, or several units have the name.
    AccessDenied: this account may not read the organization.

    Source: "ListAccountsForParent" (AWS Organizations API Reference).

    Example:
        from lambdas.parts import ec2
        from nightshift import Target, accounts, flow, for_each


        @flow(timeout="2h")
        def evening_stop_everywhere():
            \"\"\"Stop the instances of all development accounts, five accounts at a time.\"\"\"
            for_each(accounts(ou="dev", regions=["eu-west-1", "ap-northeast-1"]), stop, at_most=5, max_failures=2)


        def stop(target: Target) -> str:
            return ec2.stop_instances(tag="AutoOff=yes", target=target).summary
    """
    client = call.client("organizations")
    without = _listed(exclude)
    found = _found(client, _listed(ou))
    result = ListAccountsResult()
    role = os.environ.get(MEMBER_ROLE, USUAL_MEMBER_ROLE)
    own = _own_account(call)
    for id_, account in sorted(found.items()):
        # Status is what the older versions of the API have.
        state = account.get("State") or account.get("Status")
        if any(fnmatchcase(text, pattern) for pattern in without for text in (id_, account["Name"])):
            result.skipped.append(Skipped(id_, "excluded"))
        elif state != "ACTIVE":
            result.skipped.append(Skipped(id_, f"{account['Name']} is {state}"))
            result.warnings.append(f"the account {account['Name']} ({id_}) is {state} and is left out; exclude it")
        else:
            partition = account["Arn"].split(":")[1]
            arn = "" if id_ == own else f"arn:{partition}:iam::{id_}:role/{role}"
            result.targets += [Target(id_, account["Name"], region, arn) for region in _listed(regions)]
            result.matched.append(id_)
    result.summary = f"{len(result.matched)} accounts, {len(result.targets)} places to act in"
    return result


def _listed(names: str | list[str]) -> list[str]:
    """Names, which may have spaces in them, as a list or with semicolons between."""
    return [name.strip() for name in (names.split(";") if isinstance(names, str) else names) if name.strip()]


def _own_account(call: Call) -> str:
    """The account of the app: in the ARN of its run, and under CPython that of its credentials."""
    if call.run.id.startswith("arn:"):
        return call.run.id.split(":")[4]
    own: str = call.aws.client("sts").get_caller_identity()["Account"]
    return own


def _found(client: Any, wanted: list[str]) -> dict[str, dict[str, Any]]:
    """The accounts of the units, and those that are wanted by their ids."""
    ids = [name for name in wanted if _ACCOUNT.fullmatch(name)]
    units = [name for name in wanted if name not in ids]
    whole = _WHOLE in units or not wanted
    of_all = {account["Id"]: account for account in _accounts(client, "")} if whole or ids else {}
    if missing := [id_ for id_ in ids if id_ not in of_all]:
        raise InvalidParameter(f"there is no account {', '.join(missing)} in the organization")
    if whole:
        return of_all
    below = (account for parent in _chosen(client, units) for account in _accounts(client, parent))
    return {id_: of_all[id_] for id_ in ids} | {account["Id"]: account for account in below}


def _chosen(client: Any, wanted: list[str]) -> list[str]:
    """The ids of the units and of all below them."""
    named = [name for name in wanted if not _ID.fullmatch(name)]
    chosen = [_Unit(name, name) for name in wanted if name not in named]
    if named:
        roots = [root["Id"] for page in client.get_paginator("list_roots").paginate() for root in page["Roots"]]
        units = [unit for root in roots for unit in _below(client, _Unit(root, ""))]
        chosen += [_unit(name, units) for name in named]
        known = {unit.id: [u.id for u in units if u.path.startswith(f"{unit.path}/")] for unit in units}
    else:
        known = {}
    ids = []
    for unit in chosen:
        below = known[unit.id] if unit.id in known else [u.id for u in _below(client, unit)]
        ids += [unit.id, *below]
    return list(dict.fromkeys(ids))


def _unit(name: str, units: list[_Unit]) -> _Unit:
    found = [unit for unit in units if unit.path == name] or [
        unit for unit in units if unit.path.rpartition("/")[2] == name
    ]
    if len(found) == 1:
        return found[0]
    paths = ", ".join(sorted(unit.path for unit in found or units)[:_SHOWN])
    if found:
        raise InvalidParameter(f"several organizational units are called {name!r}; write the path of one: {paths}")
    raise InvalidParameter(f"there is no organizational unit {name!r}; there are {paths or 'none'}")


def _below(client: Any, parent: _Unit) -> Iterator[_Unit]:
    """All units below one, at any depth."""
    for page in client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent.id):
        for unit in page["OrganizationalUnits"]:
            made = _Unit(unit["Id"], f"{parent.path}/{unit['Name']}".lstrip("/"))
            yield made
            yield from _below(client, made)


def _accounts(client: Any, parent: str) -> Iterator[dict[str, Any]]:
    """The accounts directly in a unit; all of the organization for ""."""
    name = "list_accounts_for_parent" if parent else "list_accounts"
    for page in client.get_paginator(name).paginate(**({"ParentId": parent} if parent else {})):
        yield from page["Accounts"]
