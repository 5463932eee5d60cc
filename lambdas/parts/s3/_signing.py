"""Scripts with signed URLs, by which an instance moves data from and to S3 without keys of its own."""

from __future__ import annotations

import re
from typing import Any

from lambdas.contract.part import Call
from lambdas.parts.ssm._commands import quote

PIECES = 20
"""URLs in one script: each has about two kilobytes, a document of Systems Manager 64."""

URL_SECONDS = 3600
TRIES = 3


def regional(call: Call, bucket: str) -> Any:
    """S3 in the region of the bucket, which is noted in the state: a signed URL holds for one region only."""
    client = call.client("s3")
    if "bucket_region" not in call.state:
        answer = client.head_bucket(Bucket=bucket)
        call.state["bucket_region"] = answer.get("BucketRegion") or client.meta.region_name
    return call.client("s3", region=call.state["bucket_region"])


def call_line(platform: str, name: str, arguments: list[str], curl: str) -> str:
    """A call of a script's function with curl's configuration."""
    if platform == "Linux":
        return f"{name} {' '.join(arguments)} <<'CURL'\n{curl}\nCURL"
    function = {"put": "Put", "get": "Get-Object"}[name]
    return f"{function} {' '.join(arguments)} {quote(curl, platform)}"


def told(text: str) -> dict[str, str]:
    """What a script says of its calls, by their numbers: "ok", or why not."""
    return dict(re.findall(r"^(\d+) (.*?)\r?$", text, re.MULTILINE))


def last_line(text: str) -> str:
    """The last line of what a script says."""
    return (text.strip().splitlines() or [""])[-1][:300]
