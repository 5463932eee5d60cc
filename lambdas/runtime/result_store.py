"""What is too large for a state goes to the results bucket and travels as {"ref": "s3://bucket/key", "count": n}."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lambdas.contract.errors import InvalidParameter, ResultTooLarge
from lambdas.contract.part import Json, Run
from lambdas.contract.places import results_folder

INLINE = 48 * 1024
"""Bytes of a reply that travel in the state. A state holds 256 KiB, and a step may get the results of several others.
AWS Step Functions Developer Guide, "Step Functions service quotas"."""

_MOST = 240 * 1024
_SMALL = 1024


class ResultStore:
    """Puts large values into the results bucket and gets them back.

    bucket: name of the bucket, or "" when there is none.
    client: makes the S3 client when it is needed.
    """

    def __init__(self, bucket: str, client: Any) -> None:
        self.bucket = bucket
        self._client = client

    def offload(self, reply: dict[str, Json], run: Run) -> dict[str, Json]:
        """`reply` with its largest values replaced by references, until it is small enough to travel.

        Raises ResultTooLarge when there is no bucket and the reply does not fit a state.
        """
        excess = _size(reply) - INLINE
        if excess <= 0:
            return reply
        if not self.bucket:
            if _size(reply) > _MOST:
                raise ResultTooLarge(
                    f"step {run.step} gave {_size(reply)} bytes, a state holds 262144; set NIGHTSHIFT_RESULTS_BUCKET"
                )
            return reply
        if not reply["done"]:
            return {**reply, "state": self._put(reply["state"], run, "state")}
        result = dict(reply["result"])
        for name in sorted(result, key=lambda n: -_size(result[n])):
            if excess <= 0 or _size(result[name]) < _SMALL:
                break
            before = _size(result[name])
            result[name] = self._put(result[name], run, name)
            excess -= before - _size(result[name])
        return {**reply, "result": result}

    def load(self, value: Json) -> Json:
        """`value` with every reference in it replaced by what it refers to.

        Raises InvalidParameter for a reference to another bucket.
        """
        if isinstance(value, Mapping):
            if set(value) == {"ref", "count"}:
                return self._get(value["ref"])
            return {k: self.load(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.load(v) for v in value]
        return value

    def _put(self, value: Json, run: Run, name: str) -> dict[str, Json]:
        body = json.dumps(value, separators=(",", ":")).encode()
        # The same content has the same key: a repeated invocation writes nothing new.
        digest = hashlib.sha256(body).hexdigest()[:16]
        key = f"{results_folder(run)}/{name}-{digest}.json"
        self._client().put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json")
        return {"ref": f"s3://{self.bucket}/{key}", "count": len(value)}

    def _get(self, ref: str) -> Json:
        bucket, _, key = ref.removeprefix("s3://").partition("/")
        if not self.bucket or bucket != self.bucket:
            raise InvalidParameter(f"{ref} is not in the results bucket of this app ({self.bucket or 'none is set'})")
        return json.loads(self._client().get_object(Bucket=bucket, Key=key)["Body"].read())


def _size(value: Json) -> int:
    return len(json.dumps(value, separators=(",", ":")).encode())
