"""Access keys by the name of a Secrets Manager secret: used for the calls, renewed, and never shown."""

from __future__ import annotations

import json
import os
import re
import traceback
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.parts import ec2 as parts
from tests.parts.driver import TestAws, drive

SECRET = "china/keys"
KEYS = {"access_key_id": "AKIACHINA00000000001", "secret_access_key": "very-secret"}


@pytest.fixture
def signed(aws: TestAws) -> list[tuple[str, str]]:
    """(service, access key id) of the calls that are made."""
    seen: list[tuple[str, str]] = []

    def look(request: Any, **_: Any) -> None:
        found = re.search(rb"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", request.headers["Authorization"])
        assert found
        seen.append((found[2].decode(), found[1].decode()))

    original = aws.client

    def client(service: str, **where: Any) -> Any:
        made = original(service, **where)
        made.meta.events.register_first("before-send.*.*", look, unique_id="signed")
        return made

    aws.client = client  # type: ignore[method-assign]
    return seen


def store(text: str) -> None:
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=text)


def test_the_keys_of_the_secret_sign_the_calls(aws: TestAws, signed: list[tuple[str, str]]) -> None:
    store(json.dumps(KEYS))
    for _ in range(2):
        drive(parts.describe_instances, aws, {"tag": "A=b", "credentials_secret": SECRET})
    # The secret is read once, with the function's own role.
    assert signed == [("secretsmanager", os.environ["AWS_ACCESS_KEY_ID"]), *[("ec2", KEYS["access_key_id"])] * 2]


def test_the_keys_of_the_secret_assume_the_role(aws: TestAws, signed: list[tuple[str, str]]) -> None:
    store(json.dumps(KEYS))
    params = {"tag": "A=b", "credentials_secret": SECRET, "role_arn": "arn:aws-cn:iam::123456789012:role/night"}
    drive(parts.describe_instances, aws, params)
    assert signed[:2] == [("secretsmanager", os.environ["AWS_ACCESS_KEY_ID"]), ("sts", KEYS["access_key_id"])]
    assert signed[2][0] == "ec2"
    assert signed[2][1] not in (os.environ["AWS_ACCESS_KEY_ID"], KEYS["access_key_id"])


def test_rotated_keys_are_read_again(aws: TestAws, signed: list[tuple[str, str]], monkeypatch: Any) -> None:
    # botocore renews what ends within fifteen minutes.
    monkeypatch.setattr("lambdas.runtime.sessions._SECRET_SECONDS", 60)
    store(json.dumps(KEYS))
    drive(parts.describe_instances, aws, {"tag": "A=b", "credentials_secret": SECRET})
    rotated = {**KEYS, "access_key_id": "AKIACHINA00000000002"}
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=json.dumps(rotated))
    drive(parts.describe_instances, aws, {"tag": "A=b", "credentials_secret": SECRET})
    assert signed[-1] == ("ec2", rotated["access_key_id"])


@pytest.mark.parametrize("text", ["very-secret", '{"secret_access_key": "very-secret"}', '["very-secret"]', ""])
def test_a_secret_without_keys_is_refused_and_not_shown(aws: TestAws, text: str) -> None:
    store(text or " ")
    with pytest.raises(InvalidParameter, match="must hold JSON with access_key_id") as raised:
        drive(parts.describe_instances, aws, {"tag": "A=b", "credentials_secret": SECRET})
    assert "very-secret" not in "".join(traceback.format_exception(raised.value))
