"""Parts for EventBridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.events.put_events import put_events as put_events

load_when_used(__name__)
