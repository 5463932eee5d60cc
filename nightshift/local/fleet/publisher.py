"""Hands the fleet's events to EventBridge, in the control plane beside it."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import Any

from nightshift.local.json_http import post

logger = logging.getLogger("nightshift.fleet")


class Publisher:
    """Sends events one after the other, behind the back of the request that they come from.

    endpoint: of the control plane.
    """

    def __init__(self, endpoint: str) -> None:
        self._url = f"{endpoint}/_nightshift/events"
        self._events: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._send, name="events", daemon=True).start()

    def __call__(self, event: dict[str, Any]) -> None:
        """Send an event, soon."""
        self._events.put(event)

    def _send(self) -> None:
        while True:
            event = self._events.get()
            try:
                post(self._url, event)
            except OSError as error:
                # As on AWS an event may be lost, and nobody may rely on it alone.
                logger.warning("%s of %s is lost: %s", event["detail-type"], event["resources"], error)
