"""The custom resource that puts the dashboard's page into its bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.custom_resources.page import deploy

PROPERTIES = {"Bucket": "page", "Config": {"auth": "cognito"}}
NOW = datetime.now(UTC)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """S3 with the bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        client.create_bucket(Bucket="page", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield client


def built(folder: Path, *assets: str) -> Path:
    """A page with these assets."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>", encoding="utf-8")
    for name in assets:
        (folder / "assets" / name).write_text("export {};", encoding="utf-8")
    return folder


def keys(s3: Any) -> list[str]:
    """What the bucket holds."""
    return [item["Key"] for item in s3.list_objects_v2(Bucket="page").get("Contents", [])]


def test_the_page_comes_with_its_types_and_its_settings(s3: Any, tmp_path: Path) -> None:
    deploy(s3, "Create", PROPERTIES, built(tmp_path / "one", "app-1.js"), NOW)
    assert keys(s3) == ["assets/app-1.js", "config.json", "index.html"]
    index, asset = (s3.get_object(Bucket="page", Key=key) for key in ("index.html", "assets/app-1.js"))
    assert (index["ContentType"], index["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert asset["ContentType"] == "text/javascript; charset=utf-8"
    assert asset["CacheControl"] == "public, max-age=31536000, immutable"
    assert json.load(s3.get_object(Bucket="page", Key="config.json")["Body"]) == {"auth": "cognito"}


def test_parts_of_an_earlier_page_stay_for_a_month(s3: Any, tmp_path: Path) -> None:
    deploy(s3, "Create", PROPERTIES, built(tmp_path / "one", "app-1.js"), NOW)
    deploy(s3, "Update", PROPERTIES, built(tmp_path / "two", "app-2.js"), NOW + timedelta(days=29))
    assert keys(s3) == ["assets/app-1.js", "assets/app-2.js", "config.json", "index.html"]
    deploy(s3, "Update", PROPERTIES, tmp_path / "two", NOW + timedelta(days=31))
    assert keys(s3) == ["assets/app-2.js", "config.json", "index.html"]


def test_the_page_goes_with_its_stack(s3: Any, tmp_path: Path) -> None:
    page = built(tmp_path / "one", *(f"app-{number}.js" for number in range(3)))
    deploy(s3, "Create", PROPERTIES, page, NOW)
    deploy(s3, "Delete", PROPERTIES, page, NOW)
    assert keys(s3) == []
