"""Whether anything has changed."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer


class Pulse(Answer):
    """mark: a text without a meaning of its own; a different one means that something has changed."""

    mark: str
