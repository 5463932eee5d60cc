"""Everything a fleet holds, in a form that can be compared."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends


def inventory() -> dict[str, dict[str, Any]]:
    """Every instance, volume, snapshot and image of all accounts and Regions, by id."""
    found: dict[str, dict[str, Any]] = {}
    for regions in ec2_backends.values():
        for backend in regions.values():
            for reservation in backend.reservations.values():
                found.update({i.id: _instance(i) for i in reservation.instances})
            found.update({v.id: _volume(v) for v in backend.volumes.values()})
            found.update({s.id: _snapshot(s) for s in backend.snapshots.values()})
            found.update({a.id: _image(a) for a in backend.amis.values()})
    return found


def _instance(instance: Any) -> dict[str, Any]:
    devices = {name: device.volume_id for name, device in instance.get_block_device_mapping}
    return {"state": instance.state, "type": instance.instance_type, "devices": devices, "tags": _tags(instance)}


def _volume(volume: Any) -> dict[str, Any]:
    return {"state": volume.status, "size": volume.size, "tags": _tags(volume)}


def _snapshot(snapshot: Any) -> dict[str, Any]:
    return {
        "state": snapshot.status,
        "volume": snapshot.volume.id,
        "description": snapshot.description,
        "tags": _tags(snapshot),
    }


def _image(image: Any) -> dict[str, Any]:
    return {"state": image.state, "name": image.name, "tags": _tags(image)}


def _tags(resource: Any) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in resource.get_tags()}
