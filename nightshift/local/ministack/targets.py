"""Delivery of a schedule's invocation to its target, and to the dead-letter queue when the target refuses it."""

from __future__ import annotations

import json
import logging
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from nightshift.local.ministack.access import credentials

logger = logging.getLogger("nightshift.scheduler")

_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
_DELIVERIES = (1, 1, 1, 2)
"""How many times one invocation is delivered, by chance: far more often twice than on AWS, so that it is seen."""

_SDK_NAMES = {"sfn": "stepfunctions"}


@dataclass(frozen=True)
class Firing:
    """One invocation of a schedule.

    moment: when it was due. execution_id: Scheduler's own id of the invocation.
    """

    account: str
    region: str
    schedule: dict[str, Any]
    moment: datetime
    execution_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def input(self) -> str:
        """The target's input, its context attributes filled in ("Adding context attributes")."""
        text: str = self.schedule["Target"].get("Input") or "{}"
        values = {
            "schedule-arn": self.schedule["Arn"],
            "scheduled-time": self.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "execution-id": self.execution_id,
            "attempt-number": "1",
        }
        for name, value in values.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text


class Targets:
    """Calls targets at one endpoint.

    deliveries: how many times each invocation is delivered; None: once, or at random twice. delivered: how many were,
        by "group/name".
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.deliveries: int | None = None
        self.delivered: Counter[str] = Counter()

    def deliver(self, firing: Firing) -> None:
        """Invoke the target; what it refuses goes to the dead-letter queue, if the schedule has one.

        Scheduler delivers at least once, and each delivery has an id of its own ("Adding context attributes").
        """
        times = self.deliveries or random.choice(_DELIVERIES)
        for _ in range(times):
            self._deliver(replace(firing, execution_id=str(uuid.uuid4())))
            self.delivered[f"{firing.schedule['GroupName']}/{firing.schedule['Name']}"] += 1

    def _deliver(self, firing: Firing) -> None:
        arn = firing.schedule["Target"]["Arn"]
        try:
            if arn.startswith(_UNIVERSAL):
                self._universal(firing, *arn.removeprefix(_UNIVERSAL).split(":"))
            elif arn.split(":")[2] == "states":
                request = {"StateMachineArn": arn, "Input": firing.input, "Name": firing.execution_id}
                self._call(firing, "stepfunctions", "startExecution", request)
            elif arn.split(":")[2] == "lambda":
                request = {"FunctionName": arn, "Payload": firing.input, "InvocationType": "Event"}
                self._call(firing, "lambda", "invoke", request)
            elif arn.split(":")[2] == "sns":
                self._call(firing, "sns", "publish", {"TopicArn": arn, "Message": firing.input})
            else:
                logger.warning("schedule %s: target %s is not served locally", firing.schedule["Name"], arn)
        except (ClientError, ParamValidationError, ValueError) as error:
            logger.warning("schedule %s: %s refused: %s", firing.schedule["Name"], arn, error)
            self._to_dead_letter_queue(firing, error)

    def _universal(self, firing: Firing, service: str, action: str) -> None:
        self._call(firing, _SDK_NAMES.get(service, service), action, json.loads(firing.input))

    def _call(self, firing: Firing, service: str, action: str, request: dict[str, Any]) -> None:
        client = self._client(firing, service)
        method = xform_name(action)
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
        # A universal target writes every member name with a capital, also where the API does not.
        names = {name.lower(): name for name in (shape.members if shape else {})}
        getattr(client, method)(**{names.get(key.lower(), key): value for key, value in request.items()})

    def _to_dead_letter_queue(self, firing: Firing, error: Exception) -> None:
        arn = (firing.schedule["Target"].get("DeadLetterConfig") or {}).get("Arn")
        if not arn:
            return
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        attributes = {
            "ERROR_CODE": code,
            "ERROR_MESSAGE": str(error),
            "EXECUTION_ID": firing.execution_id,
            "SCHEDULE_ARN": firing.schedule["Arn"],
            "TARGET_ARN": firing.schedule["Target"]["Arn"],
        }
        account, name = arn.split(":")[4:]
        self._client(firing, "sqs").send_message(
            QueueUrl=f"{self.endpoint}/{account}/{name}",
            MessageBody=firing.input,
            MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
        )

    def _client(self, firing: Firing, service: str) -> Any:
        role = firing.schedule["Target"].get("RoleArn", "")
        account = {"aws_access_key_id": firing.account, "aws_secret_access_key": "local"}
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=firing.region,
            endpoint_url=self.endpoint,
            **(credentials(role, "scheduler") if role else account),
        )
