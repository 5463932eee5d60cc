"""Names beside ids: what people call the resources that a run tells of."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_ID = re.compile(r"\b(?:i|vol|snap|ami)-[0-9a-f]{8,17}\b(?! \()")
_MOST = 200
"""Values of a filter of the EC2 API ("Filter", Amazon EC2 API Reference)."""


class Names:
    """The Name tags of instances, volumes, snapshots and images, read as ids are met, once for each.

    ec2: a client. Where it may not read tags, ids stay alone: nothing is worse for it.
    """

    def __init__(self, ec2: Any) -> None:
        self._ec2 = ec2
        self._known: dict[str, str] = {}

    def beside(self, text: str) -> str:
        """The text with the name behind each id that has one: "i-0123456789abcdef0 (web-1)"."""
        self._read(sorted(set(_ID.findall(text)) - self._known.keys()))
        return _ID.sub(lambda found: self._shown(found[0]), text)

    def known(self, text: str) -> dict[str, str]:
        """The names of the ids in a text that have one, by id: of the first 200 ids."""
        ids = list(dict.fromkeys(_ID.findall(text)))[:_MOST]
        self._read(sorted(set(ids) - self._known.keys()))
        return {id_: name for id_ in ids if (name := self._known.get(id_))}

    def _shown(self, id_: str) -> str:
        name = self._known.get(id_)
        return f"{id_} ({name})" if name else id_

    def _read(self, ids: list[str]) -> None:
        for start in range(0, len(ids), _MOST):
            batch = ids[start : start + _MOST]
            self._known |= dict.fromkeys(batch, "")
            try:
                self._known |= self._tags(batch)
                bare = [i for i in batch if i.startswith("vol-") and not self._known[i]]
                self._known |= self._attached(bare) if bare else {}
            except (BotoCoreError, ClientError):
                return

    def _tags(self, ids: list[str]) -> dict[str, str]:
        filters = [{"Name": "resource-id", "Values": ids}, {"Name": "key", "Values": ["Name"]}]
        pages = self._ec2.get_paginator("describe_tags").paginate(Filters=filters)
        return {tag["ResourceId"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def _attached(self, volumes: list[str]) -> dict[str, str]:
        """Volumes without a name of their own, by the instance and device: "web-1 /dev/sdf"."""
        filters = [{"Name": "volume-id", "Values": volumes}]
        pages = self._ec2.get_paginator("describe_volumes").paginate(Filters=filters)
        places = {v["VolumeId"]: v["Attachments"][0] for page in pages for v in page["Volumes"] if v["Attachments"]}
        hosts = self._tags(sorted({place["InstanceId"] for place in places.values()})) if places else {}
        return {
            volume: f"{hosts[place['InstanceId']]} {place['Device']}"
            for volume, place in places.items()
            if place["InstanceId"] in hosts
        }
