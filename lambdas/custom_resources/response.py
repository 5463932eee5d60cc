"""Answers CloudFormation for a custom resource: how its work went.

Source: "Custom resource request and response reference" (CloudFormation User Guide).
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any


def answer(event: dict[str, Any], name: str, work: Callable[[], object]) -> None:
    """Do the work CloudFormation asks for, and tell it how that went.

    name: physical id of a new resource; one that exists keeps its own.
    """
    reply = {
        "Status": "SUCCESS",
        "PhysicalResourceId": event.get("PhysicalResourceId") or name,
        **{field: event[field] for field in ("StackId", "RequestId", "LogicalResourceId")},
    }
    try:
        work()
    except Exception as error:
        reply |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:1000]}
    # S3 refuses a signed address with a content type it was not signed with.
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(reply).encode(), {"content-type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=30):
        pass
