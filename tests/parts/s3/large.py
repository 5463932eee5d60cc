"""Large objects that are small: parts of one MiB instead of 256, which moto takes then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import moto.s3.models
import pytest

from lambdas.parts.s3 import _multipart
from tests.parts.driver import TestAws

MIB = 1024 * 1024
LARGE = b"a" * MIB + b"b" * MIB + b"c" * 7
"""Three parts."""


def make_parts_small(aws: TestAws, patch: pytest.MonkeyPatch) -> None:
    """Objects over 1 MiB go in parts until `patch` is undone."""
    patch.setattr(_multipart, "PART", MIB)
    patch.setattr(moto.s3.models, "S3_UPLOAD_PART_MIN_SIZE", MIB)

    def begun_now(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        # moto tells the same day in 2010 of all.
        for upload in answer.get("Uploads", []) if operation == "ListMultipartUploads" else []:
            upload["Initiated"] = datetime.fromtimestamp(aws.now(), UTC)

    aws.hooks.append(begun_now)
