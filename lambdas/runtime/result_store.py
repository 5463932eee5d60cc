"""What is too large for a state goes to the results bucket and travels as {"ref": "s3://bucket/key", "count": n}."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lambdas.contract.errors import InvalidParameter, ResultTooLarge
from lambdas.contract.part import Json, Run
from lambdas.contract.places import results_folder

INLINE = 48 * 1024
"""Bytes of a reply that travel in the state, besides what the flow reads. A state holds 256 KiB, and a step may get the
results of several others. AWS Step Functions Developer Guide, "Step Functions service quotas"."""

_MOST = 240 * 1024
"""Bytes of a reply at most."""

_SMALL = 1024


class ResultStore:
    """Puts large values into the results bucket and gets them back.

    bucket: name of the bucket, or "" when there is none.
    client: makes the S3 client when it is needed.
    """

    def __init__(self, bucket: str, client: Any) -> None:
        self.bucket = bucket
        self._client = client

    def offload(self, reply: dict[str, Json], run: Run, reads: Collection[str] = ()) -> dict[str, Json]:
        """`reply` with its largest values replaced by references, until it is small enough to travel.

        reads: the fields of the result that the flow reads. They stay as long as a state can carry them; a text stays
            in any case, since a flow cannot tell one that is away.

        Raises ResultTooLarge when the reply does not fit a state all the same, or there is no bucket.
        """
        if _size(reply) <= INLINE:
            return reply
        if self.bucket and not reply["done"]:
            return {**reply, "state": self._put(reply["state"], run, "state")}
        if self.bucket:
            result = dict(reply["result"])
            self._put_largest(result, run, [name for name in result if name not in reads], _size(reply) - INLINE)
            rest = _size({**reply, "result": result}) - _MOST
            self._put_largest(result, run, [name for name in reads if not isinstance(result.get(name), str)], rest)
            reply = {**reply, "result": result}
        if _size(reply) > _MOST:
            what = f"step {run.step} gave {_size(reply)} bytes, a state holds 262144"
            raise ResultTooLarge(f"{what}; {'select less' if self.bucket else 'set NIGHTSHIFT_RESULTS_BUCKET'}")
        return reply

    def _put_largest(self, result: dict[str, Json], run: Run, names: Sequence[str], excess: int) -> None:
        """Put the largest of these fields away until the result is smaller by `excess` bytes."""
        for name in sorted(names, key=lambda n: -_size(result.get(n))):
            before = _size(result.get(name))
            if excess <= 0 or before < _SMALL:
                break
            result[name] = self._put(result[name], run, name)
            excess -= before - _size(result[name])

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
