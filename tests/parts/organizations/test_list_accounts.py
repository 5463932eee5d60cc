"""organizations.list_accounts."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, ServiceError
from lambdas.contract.target import MEMBER_ROLE
from lambdas.parts import organizations
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, client, drive

REGIONS = ["eu-west-1", "ap-northeast-1"]


@pytest.fixture
def made(aws: TestAws) -> dict[str, str]:
    """Name of an account -> its id: web and db in Workloads/prod and below, lab in Sandbox, other in Old/prod."""
    return organization(client("organizations"))


def organization(service: Any) -> dict[str, str]:
    service.create_organization(FeatureSet="ALL")
    root = service.list_roots()["Roots"][0]["Id"]
    workloads, sandbox, old = (unit(service, root, name) for name in ("Workloads", "Sandbox accounts", "Old"))
    prod = unit(service, workloads, "prod")
    data = unit(service, prod, "data")
    places = {"web": prod, "db": data, "lab": sandbox, "other": unit(service, old, "dev")}
    return {name: account(service, name, root, place) for name, place in places.items()}


def unit(service: Any, parent: str, name: str) -> str:
    made: str = service.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]
    return made


def account(service: Any, name: str, root: str, parent: str) -> str:
    made: str = service.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"][
        "AccountId"
    ]
    service.move_account(AccountId=made, SourceParentId=root, DestinationParentId=parent)
    return made


def listed(aws: TestAws, **params: Any) -> dict[str, Any]:
    return drive(organizations.list_accounts, aws, {"regions": REGIONS, **params}).result


def names(result: dict[str, Any]) -> set[str]:
    return {target["name"] for target in result["targets"]}


def test_each_account_of_a_unit_in_each_region(
    aws: TestAws, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMBER_ROLE, "ops-member")
    result = listed(aws, ou="prod")
    web, db = made["web"], made["db"]
    assert sorted((target["account"], target["region"]) for target in result["targets"]) == sorted(
        (account, region) for account in (web, db) for region in REGIONS
    )
    role = next(target["role_arn"] for target in result["targets"] if target["name"] == "web")
    assert role == f"arn:aws:iam::{web}:role/ops-member"
    assert result["summary"] == "2 accounts, 4 places to act in"


@pytest.mark.parametrize(
    ("ou", "found"),
    [
        ("Workloads", {"web", "db"}),
        ("Workloads/prod/data", {"db"}),
        ("Sandbox accounts;data", {"lab", "db"}),
        (["Old", "Old/dev"], {"other"}),
        ("", {"web", "db", "lab", "other", "master"}),
        ("*", {"web", "db", "lab", "other", "master"}),
    ],
)
def test_units_are_named_by_name_or_path(aws: TestAws, made: dict[str, str], ou: Any, found: set[str]) -> None:
    assert names(listed(aws, ou=ou)) == found


def test_a_unit_by_its_id(aws: TestAws, made: dict[str, str]) -> None:
    service = client("organizations")
    root = service.list_roots()["Roots"][0]["Id"]
    ids = {
        u["Name"]: u["Id"] for u in service.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    }
    assert names(listed(aws, ou=ids["Workloads"])) == {"web", "db"}


def test_accounts_by_their_ids(aws: TestAws, made: dict[str, str]) -> None:
    lab, web = made["lab"], made["web"]
    assert names(listed(aws, ou=[lab, web])) == {"lab", "web"}
    assert names(listed(aws, ou=["prod", lab])) == {"web", "db", "lab"}
    assert names(listed(aws, ou=["*", lab])) == {"web", "db", "lab", "other", "master"}
    with pytest.raises(InvalidParameter, match="there is no account 210987654321 in the organization"):
        listed(aws, ou=["prod", "210987654321"])


def test_what_is_left_out_is_named(aws: TestAws, made: dict[str, str]) -> None:
    client("organizations").close_account(AccountId=made["db"])
    result = listed(aws, exclude=["l*", made["web"], "master"])
    assert names(result) == {"other"}
    assert {skipped["id"]: skipped["reason"] for skipped in result["skipped"]}.items() >= {
        (made["lab"], "excluded"),
        (made["web"], "excluded"),
        (made["db"], "db is SUSPENDED"),
    }
    assert f"the account db ({made['db']}) is SUSPENDED" in result["warnings"][0]


def test_a_unit_that_is_none_or_several(aws: TestAws, made: dict[str, str]) -> None:
    with pytest.raises(
        InvalidParameter, match="no organizational unit 'pord'; there are Old, Old/dev, Sandbox accounts"
    ):
        listed(aws, ou="pord")
    service = client("organizations")
    root = service.list_roots()["Roots"][0]["Id"]
    unit(service, unit(service, root, "Third"), "dev")
    with pytest.raises(InvalidParameter, match=r"several organizational units .* 'dev'.*Old/dev, Third/dev"):
        listed(aws, ou="dev")


def test_without_an_organization(aws: TestAws) -> None:
    with pytest.raises(ServiceError, match="AWSOrganizationsNotInUse"):
        listed(aws, ou="prod")


def _organized(aws: FaultyAws) -> dict[str, Any]:
    organization(client("organizations"))
    return {"ou": "prod", "regions": REGIONS}


def _whole(aws: FaultyAws) -> dict[str, Any]:
    organization(client("organizations"))
    return {"regions": "eu-west-1", "exclude": "lab"}


SCENARIOS = [
    Scenario("a unit", "organizations.list_accounts", _organized),
    Scenario("the whole organization", "organizations.list_accounts", _whole),
]
