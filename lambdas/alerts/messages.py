"""The messages of a story: the mail in words, and the notification for topics."""

from __future__ import annotations

import json
from typing import Any

from lambdas.alerts.story import Story
from lambdas.runtime.text_mail import TextMail

_SHOWN = 20
_LONGEST_SNS_SUBJECT = 99
"""Of "Publish", Amazon SNS API Reference: fewer than 100 characters of ASCII."""


def mail_of(story: Story) -> TextMail:
    """The mail, for somebody who was asleep: no jargon, the next step before the details."""
    parts = [story.happened, _resources(story), f"Why: {story.why}", f"What to do: {story.todo}"]
    parts.append(f"More: {story.link}" if story.link else "")
    parts.append(f"On the command line: {story.report}" if story.report else "")
    if story.open:
        parts.append(
            "It is open until a later run succeeds, or somebody acknowledges it: "
            f'nightshift acknowledge {story.id} --comment "..."'
        )
    subject = " ".join(f"[nightshift] {story.headline}".split())
    return TextMail(subject, "\n\n".join(filter(None, parts)) + "\n")


def notification_of(story: Story, occasion: str) -> dict[str, Any]:
    """The message for a topic, as Amazon Q in chat applications shows it and other integrations read it.

    Source: "Custom notifications using Amazon Q Developer in chat applications" (Amazon Q Developer in chat
    applications Administrator Guide); all values of `metadata.additionalContext` are text. occasion: tells it from
    other messages about the same.
    """
    told = {
        "flow": story.flow,
        "run": story.id,
        "state": story.state,
        "why": story.why,
        "what_to_do": story.todo,
        "failed_resources": json.dumps([resource.id for resource in story.resources[:_SHOWN]]),
        "link": story.link,
        **story.facts,
    }
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{story.id}#{occasion}",
        "content": {
            "textType": "client-markdown",
            "title": story.headline,
            "description": "\n".join(filter(None, [story.happened, _resources(story), f"Why: {story.why}"])),
            "nextSteps": [*story.todo.splitlines(), *([f"More: {story.link}"] if story.link else [])],
            "keywords": [story.flow, story.state],
        },
        "metadata": {
            "threadId": story.id,
            "summary": story.headline,
            "eventType": f"nightshift.{story.event}",
            "relatedResources": [*(resource.id for resource in story.resources[:_SHOWN]), *story.related],
            "additionalContext": {name: value for name, value in told.items() if value},
        },
    }


def subject_of(story: Story) -> str:
    """The subject of the message for a topic, which its subscribers by mail get.

    What cannot be said in ASCII, such as a title in Japanese, is left to the message: the subject has the flow's name.
    """
    state = story.state.lower().replace("_", " ")
    headline = story.headline if story.headline.isascii() else f"{story.flow}: {state}"
    line = "".join(c if " " <= c <= "~" else "?" for c in f"[nightshift] {headline}")
    return line[:_LONGEST_SNS_SUBJECT]


def _resources(story: Story) -> str:
    shown = story.resources[:_SHOWN]
    if not shown:
        return ""
    width = max(len(resource.id) for resource in shown)
    lines = [f"  {resource.id:<{width}}  {resource.error}: {resource.message}" for resource in shown]
    more = story.failed - len(shown)
    return "\n".join(["What failed:", *lines, *([f"  ... and {more} more"] if more > 0 else [])])
