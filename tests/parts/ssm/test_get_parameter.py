"""ssm.get_parameter: texts and lists come back, secrets never."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, PartFailed
from lambdas.parts import ssm as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, TestAws, drive


@pytest.mark.parametrize(
    ("kind", "value", "values"),
    [("String", "a, b", ["a, b"]), ("StringList", "a, b,c", ["a", "b", "c"])],
)
def test_a_value_comes_back_by_its_type(aws: TestAws, kind: str, value: str, values: list[str]) -> None:
    client("ssm").put_parameter(Name="/orders/size", Value=value, Type=kind)
    result = drive(parts.get_parameter, aws, {"name": "/orders/size"}).result
    assert (result["value"], result["values"], result["type"], result["version"]) == (value, values, kind, 1)
    assert (result["matched"], result["changed"]) == (["/orders/size"], [])


def test_a_version_is_read(aws: TestAws) -> None:
    for value in ("old", "new"):
        client("ssm").put_parameter(Name="size", Value=value, Type="String", Overwrite=True)
    assert drive(parts.get_parameter, aws, {"name": "size:1"}).result["value"] == "old"


def test_a_secret_is_refused_and_not_decrypted(aws: TestAws) -> None:
    client("ssm").put_parameter(Name="word", Value="hidden", Type="SecureString")
    with pytest.raises(PartFailed, match=r"SecureString.*it is a secret"):
        drive(parts.get_parameter, aws, {"name": "word"})
    result = drive(parts.get_parameter, aws, {"name": "word", "on_failure": "continue"}).result
    assert "hidden" not in json.dumps(result)
    assert all("WithDecryption" not in params for params in aws.made("GetParameter"))


def test_an_absent_one_fails(aws: TestAws) -> None:
    with pytest.raises(PartFailed, match="ParameterNotFound"):
        drive(parts.get_parameter, aws, {"name": "/nowhere"})


def test_a_missing_permission_is_named(aws: TestAws) -> None:
    aws.faults["GetParameter"] = Fault(lambda params: (400, "AccessDeniedException", "not authorized"))
    with pytest.raises(AccessDenied):
        drive(parts.get_parameter, aws, {"name": "/nowhere"})


def _size(aws: FaultyAws) -> dict[str, Any]:
    client("ssm").put_parameter(Name="/orders/size", Value="3", Type="String")
    return {"name": "/orders/size"}


SCENARIOS = [Scenario("a text", "ssm.get_parameter", _size)]
