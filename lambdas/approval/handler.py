"""Asks a person to approve: the function behind `approval(...)` in a flow.

The state machine hands over a task token and waits. The token goes out by mail with the two commands that answer;
whoever runs one needs the IAM permission states:SendTaskSuccess, the mail alone approves nothing.
"""

from __future__ import annotations

import json
import os
import shlex
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.contract.aws_errors import as_part_error
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.places import console_url
from lambdas.engine.recipients import recipients
from lambdas.runtime.clients import AwsClients

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.approval"), utc=True)
aws = AwsClients()


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Mail the request for approval.

    event: {"token": task token, "message": what is to be approved, "to": addresses as notify.email takes them,
        "run": the run, as parts get it}.

    Returns {"message_id": SES's id of the mail}; the flow goes on with what the answering command sends.
    Raises InvalidParameter when nobody can be asked, ServiceError and its kin when SES refuses.
    """
    run = event["run"]
    logger.structure_logs(append=False, run=run.get("id"), flow=run.get("flow"), step=run.get("step"))
    to, sender = recipients(event.get("to")), os.environ.get("NIGHTSHIFT_MAIL_FROM", "")
    if not to:
        raise InvalidParameter("approval needs an address: approval(message, to=...)")
    if not sender:
        raise InvalidParameter("no sender is configured: deploy with -c mail_from=ADDRESS, verified in SES")
    subject = f"[nightshift] {run.get('flow')} asks for approval: {' '.join(str(event['message']).split())}"
    content = {"Subject": _utf8(subject[:200]), "Body": {"Text": _utf8(mail_text(event))}}
    try:
        answer = aws.client("sesv2").send_email(
            FromEmailAddress=sender, Destination={"ToAddresses": to}, Content={"Simple": content}
        )
    except Exception as error:
        known = as_part_error(error)
        logger.error(f"the request for approval was not mailed: {error}")
        raise known or error from None
    logger.info("asked for approval", to=to)
    return {"message_id": answer["MessageId"]}


def mail_text(event: dict[str, Any]) -> str:
    """The mail: what is to be approved, and how to answer."""
    run, token = event["run"], event["token"]
    return "\n".join(
        [
            str(event["message"]),
            "",
            f"The flow {run.get('flow')} waits for your answer. To approve:",
            "",
            answer_command(run["id"], token, approved=True),
            "",
            "To reject:",
            "",
            answer_command(run["id"], token, approved=False),
            "",
            'Put your name and, if you like, a comment between the empty quotes of "by" and "comment".',
            f"The run: {console_url(run['id']) or run['id']}",
            "",
        ]
    )


def answer_command(run_id: str, token: str, *, approved: bool) -> str:
    """The AWS CLI command that answers; its output is what `approval(...)` returns in the flow."""
    output = json.dumps({"approved": approved, "by": "", "comment": ""})
    region = (run_id.split(":") + [""] * 4)[3]
    command = ["aws", "stepfunctions", "send-task-success", *(["--region", region] if region else [])]
    return shlex.join([*command, "--task-token", token, "--task-output", output])


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
