"""The function that takes changes of state of members' instances, which EventBridge forwards to the app's account.

An event is delivered at least once, and the same twice changes nothing.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.store.member_instances import MemberInstance, note
from lambdas.store.table import table

DETAIL_TYPE = "EC2 Instance State-change Notification"

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.member_instances"), utc=True)


def handler(event: dict[str, Any], context: Any) -> dict[str, bool]:
    """Keep in which state an instance is, where, and since when.

    Returns {"kept": whether it was news}.
    """
    detail = event["detail"]
    instance = MemberInstance(
        id=detail["instance-id"],
        account=event["account"],
        region=event["region"],
        state=detail["state"],
        since=datetime.fromisoformat(event["time"]),
    )
    kept = note(table(), instance)
    logger.info(f"{instance.id} in {instance.account}, {instance.region} is {instance.state}")
    return {"kept": kept}
