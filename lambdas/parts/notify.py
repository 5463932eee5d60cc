"""Parts that tell people."""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas import service_errors
from lambdas.contract import Allow, Call, Common, Failure, Result, part
from lambdas.errors import InvalidParameter
from lambdas.mail import Mail, render
from lambdas.selection import parse_ids

_MOST_RECIPIENTS = 50
_REMEMBERED = 1000
_sent: OrderedDict[tuple[str, str, Mail], EmailResult] = OrderedDict()


@dataclass
class EmailResult(Result):
    """Result of notify.email.

    changed: addresses the mail was accepted for.
    message_id: SES's id of the mail, or "" with dry_run.
    subject: subject as sent.
    text: text of the mail as sent.
    """

    message_id: str = ""
    subject: str = ""
    text: str = ""


@part(
    allow=(Allow(("ses:SendEmail",), ("arn:${AWS::Partition}:ses:*:${AWS::AccountId}:identity/*",)),),
    waits=False,
)
def email(
    call: Call,
    *,
    to: str | list[str],
    subject: str | None = None,
    body: str | None = None,
    template: str | None = None,
    result: Result | list[Result] | None = None,
    **common: Unpack[Common],
) -> EmailResult:
    """Send a mail with SES.

    SES has no idempotency token, so a mail is sent at least once: a repetition is recognised while the Lambda worker
    that sent it lives, which covers a lost response; a worker that dies between SES's answer and its own sends twice.
    Every mail carries the header X-Nightshift-Call, by which a mail system can drop the second one.

    A mail that was accepted is not yet delivered; bounces go to the sender's address.

    Parameters:
    to: addresses, as a list or as "a@example.com;b@example.com", at most 50.
    subject: default: the template's, else the flow and the summary of the result.
    body: text; with a result it stands before it.
    template: name of a template in flow_defs/templates, without .txt.mustache; default: one that shows any result.
    result: the result of a part, or a list of results.

    Result: EmailResult.

    Errors:
    PartFailed: SES rejected an address or the sender; while the account is in the SES sandbox both have to be verified.
    InvalidParameter: there is no such template, no recipient, or no sender is configured.
    """
    addresses = parse_ids(to) or []
    if not addresses or len(addresses) > _MOST_RECIPIENTS:
        raise InvalidParameter(f"to has {len(addresses)} addresses; SES takes 1 to {_MOST_RECIPIENTS} in a mail")
    mail = render(call.run, subject=subject, body=body, template=template, results=_results(result))
    key = (call.run.id, call.run.key, mail)
    if key in _sent and not call.dry_run:
        return _sent[key]
    outcome = EmailResult(matched=addresses, subject=mail.subject, text=mail.text)
    if call.dry_run:
        outcome.changed = addresses
        outcome.summary = f"would mail {', '.join(addresses)}: {mail.subject}"
        return outcome
    _send(call, mail, outcome)
    outcome.summary = f"mailed {', '.join(outcome.changed) or 'nobody'}: {mail.subject}"
    if outcome.changed:
        _sent[key] = outcome
        while len(_sent) > _REMEMBERED:
            _sent.popitem(last=False)
    return outcome


def _results(result: Any) -> list[dict[str, Any]]:
    results = result if isinstance(result, list) else [result] if result is not None else []
    as_json = [r.to_json() if isinstance(r, Result) else r for r in results]
    if not all(isinstance(r, dict) for r in as_json):
        raise InvalidParameter("result takes what a part returned, or a list of such results")
    return as_json


def _send(call: Call, mail: Mail, outcome: EmailResult) -> None:
    """Send to all; an address that SES names as refused is dropped and the rest sent to."""
    sender = os.environ.get("NIGHTSHIFT_MAIL_FROM", "")
    if not sender:
        raise InvalidParameter("no sender is configured: deploy with -c mail_from=ADDRESS, verified in SES")
    client = call.client("sesv2")
    body = {"Text": {"Data": mail.text, "Charset": "UTF-8"}}
    if mail.html:
        body["Html"] = {"Data": mail.html, "Charset": "UTF-8"}
    header = {"Name": "X-Nightshift-Call", "Value": re.sub(r"[^!-~]", "_", f"{call.run.id}/{call.run.key}")[:870]}
    simple = {"Subject": {"Data": mail.subject, "Charset": "UTF-8"}, "Body": body, "Headers": [header]}
    rest = list(outcome.matched)
    while rest:
        try:
            answer = client.send_email(
                FromEmailAddress=sender, Destination={"ToAddresses": rest}, Content={"Simple": simple}
            )
        except Exception as error:
            code, text = service_errors.code(error), service_errors.message(error)
            if code not in ("MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException"):
                raise
            refused = [a for a in rest if a in text] or rest
            outcome.failed += [Failure(a, code, text) for a in refused]
            rest = [a for a in rest if a not in refused]
        else:
            outcome.changed, outcome.message_id = rest, answer["MessageId"]
            outcome.responses = {"SendEmailResponse": {"MessageId": answer["MessageId"]}}
            break
