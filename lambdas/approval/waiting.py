"""The questions that wait, in the app's table.

The task token is an attribute of its own that lists do not read: whoever has it can answer for anybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.approval.question import Decision, Question, Reminder

WAITING = "APPROVALS"
"""`pk` of the questions that wait; there are never many at a time, so that they are one partition."""

_KEPT = timedelta(days=1)
"""How long after the timeout of a question the table drops it, whatever became of it."""


def ask(table: Any, question: Question, token: str) -> None:
    """Keep a question until it is decided. One of the same step that is there is replaced: it was asked anew."""
    expires = int((question.until + _KEPT).timestamp())
    table.put_item(Item={**_key(question), "json": _text(question), "token": token, "version": 1, "expires": expires})


def forget(table: Any, question: Question) -> None:
    """Drop a question that waits no longer."""
    table.delete_item(Key=_key(question))


def forget_run(table: Any, flow: str, run: str) -> None:
    """Drop what a run that has ended still asked."""
    for question in _listed(table, f"{flow}/{run}/"):
        forget(table, question)


def listed(table: Any, *, now: datetime | None = None) -> list[Question]:
    """The questions that wait, the first to time out first. now: aware; default: the clock."""
    moment = now or datetime.now(UTC)
    return sorted((q for q in _listed(table, "") if q.until > moment), key=lambda q: (q.until, q.flow, q.run, q.id))


def find(table: Any, flow: str, run: str, id_: str) -> Kept | None:
    """A question with what is needed to decide it; None when it does not wait, or no longer."""
    item = table.get_item(Key={"pk": WAITING, "sk": f"{flow}/{run}/{id_}"}, ConsistentRead=True).get("Item")
    return Kept(_question(item["json"]), str(item["token"]), int(item["version"])) if item else None


class Kept:
    """A question as the table has it. token: of the task that waits. version: of the item."""

    def __init__(self, question: Question, token: str, version: int) -> None:
        self.question = question
        self.token = token
        self.version = version

    def add(self, table: Any, decision: Decision) -> Kept | None:
        """Write a decision down; the question with it, None when it has been changed in between."""
        return self.change(table, replace(self.question, decisions=self.question.decided(decision)))

    def change(self, table: Any, question: Question) -> Kept | None:
        """Keep the question as it is now; None when it has been changed in between."""
        try:
            table.update_item(
                Key=_key(question),
                UpdateExpression="SET #json = :json, version = :next",
                ConditionExpression="version = :version AND #token = :token",
                ExpressionAttributeNames={"#json": "json", "#token": "token"},
                ExpressionAttributeValues={
                    ":json": _text(question),
                    ":version": self.version,
                    ":next": self.version + 1,
                    ":token": self.token,
                },
            )
        except table.meta.client.exceptions.ConditionalCheckFailedException:
            return None
        return Kept(question, self.token, self.version + 1)


def _listed(table: Any, prefix: str) -> Iterator[Question]:
    from boto3.dynamodb.conditions import Key

    condition = Key("pk").eq(WAITING)
    query: dict[str, Any] = {
        "KeyConditionExpression": condition & Key("sk").begins_with(prefix) if prefix else condition,
        "ProjectionExpression": "#json",
        "ExpressionAttributeNames": {"#json": "json"},
        "ConsistentRead": True,
    }
    while True:
        answer = table.query(**query)
        yield from (_question(item["json"]) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _key(question: Question) -> dict[str, str]:
    return {"pk": WAITING, "sk": f"{question.flow}/{question.run}/{question.id}"}


def _text(question: Question) -> str:
    told = {**vars(question), "asked": question.asked.isoformat(), "until": question.until.isoformat()}
    for name in ("decisions", "reminders"):
        told[name] = [{**vars(one), "at": one.at.isoformat()} for one in told[name]]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _question(text: str) -> Question:
    told: Mapping[str, Any] = json.loads(text)
    moments = {name: datetime.fromisoformat(told[name]) for name in ("asked", "until")}
    # What was asked before there were reminders has none.
    lists = {name: tuple(told.get(name, ())) for name in ("to", "approvers", "escalate_to")}
    decisions = tuple(Decision(**{**d, "at": datetime.fromisoformat(d["at"])}) for d in told["decisions"])
    reminders = tuple(
        Reminder(datetime.fromisoformat(r["at"]), tuple(r["to"]), r["escalation"]) for r in told.get("reminders", ())
    )
    return Question(**{**told, **moments, **lists, "decisions": decisions, "reminders": reminders})
