"""What containers and jobs write to CloudWatch Logs: moto's of this process, or those of the control plane."""

from __future__ import annotations

import logging
import time
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from moto.logs.exceptions import ResourceAlreadyExistsException
from moto.logs.models import logs_backends

from nightshift.local.fleet.world import current

logger = logging.getLogger("nightshift.fleet")


def write(account: str, region: str, group: str, stream: str, lines: list[str]) -> None:
    """Write lines to a stream, now; group and stream are made where they are not yet."""
    world = current()
    events = [{"timestamp": int(world.now() * 1000), "message": line} for line in lines]
    if world.control_plane:
        _put(world.control_plane, account, region, group, stream, lines)
        return
    backend = logs_backends[account][region]
    for make, given in ((backend.create_log_group, (group, {})), (backend.create_log_stream, (group, stream))):
        try:
            make(*given)
        except ResourceAlreadyExistsException:
            continue
    # Not by PutLogEvents: the fleet's clock may be years away from that of moto.
    backend.groups[group].streams[stream].put_log_events(events)


def _put(endpoint: str, account: str, region: str, group: str, stream: str, lines: list[str]) -> None:
    client: Any = boto3.client(
        "logs", region_name=region, endpoint_url=endpoint, aws_access_key_id=account, aws_secret_access_key="local"
    )
    name = {"logGroupName": group}
    try:
        for make, given in ((client.create_log_group, {}), (client.create_log_stream, {"logStreamName": stream})):
            try:
                make(**name, **given)
            except client.exceptions.ResourceAlreadyExistsException:
                continue
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines]
        client.put_log_events(**name, logStreamName=stream, logEvents=events)
    except (BotoCoreError, ClientError) as error:
        logger.warning("the lines of %s in %s are lost: %s", stream, group, error)
