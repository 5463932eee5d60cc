"""What is too large for a state goes to the results bucket and travels as {"ref": "s3://bucket/key", "count": n}."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from lambdas.contract.errors import InvalidParameter, ResultTooLarge
from lambdas.contract.part import Json, Run
from lambdas.contract.places import results_folder
from lambdas.contract.result import to_text

INLINE = 48 * 1024
"""Bytes of a reply that travel in the state, besides what the flow reads. A state holds 256 KiB, and a step may get the
results of several others. AWS Step Functions Developer Guide, "Step Functions service quotas"."""

_MOST = 240 * 1024
"""Bytes of a reply at most."""

_SMALL = 1024

_LEAVES = (str, int, float, bool, type(None))
"""Kinds of values that hold no others."""


class ResultStore:
    """Puts large values into the results bucket and gets them back.

    bucket: name of the bucket, or "" when there is none.
    client: makes the S3 client when it is needed.
    to_text, from_text: write and read JSON.
    """

    def __init__(
        self,
        bucket: str,
        client: Any,
        to_text: Callable[[Json], str] = to_text,
        from_text: Callable[[bytes], Json] = json.loads,
    ) -> None:
        self.bucket = bucket
        self._client = client
        self._to_text = to_text
        self._from_text = from_text

    def offload(self, reply: dict[str, Json], run: Run, reads: Collection[str] = ()) -> dict[str, Json]:
        """`reply` with its largest values replaced by references, until it is small enough to travel.

        reads: the fields of the result that the flow reads. They stay as long as a state can carry them; a text stays
            in any case, since a flow cannot tell one that is away.

        Raises ResultTooLarge when the reply does not fit a state all the same, or there is no bucket.
        """
        try:
            size = self._size(reply)
        except TypeError:
            # Only bytes are no JSON; to look for them first would walk through every reply.
            reply = self._without_bytes(reply, run)
            size = self._size(reply)
        if size <= INLINE:
            return reply
        if self.bucket and not reply["done"]:
            state = reply["state"]
            return {**reply, "state": self._put(self._to_text(state), len(state), run, "state")}
        if self.bucket:
            result = dict(reply["result"])
            others = [name for name in result if name not in reads]
            size -= self._put_largest(result, run, others, size - INLINE)
            if size > _MOST:
                away = [name for name in reads if not isinstance(result.get(name), str)]
                size -= self._put_largest(result, run, away, size - _MOST)
            reply = {**reply, "result": result}
        if size > _MOST:
            what = f"step {run.step} gave {size} bytes, a state holds 262144"
            raise ResultTooLarge(f"{what}; {'select less' if self.bucket else 'set NIGHTSHIFT_RESULTS_BUCKET'}")
        return reply

    def _without_bytes(self, value: Json, run: Run) -> Json:
        """`value` with bytes put away, each in an object, and the URI of that in its place."""
        if isinstance(value, bytes):
            return self._put_bytes(value, run)
        if isinstance(value, dict):
            return {key: self._without_bytes(item, run) for key, item in value.items()}
        return [self._without_bytes(item, run) for item in value] if isinstance(value, list) else value

    def _put_bytes(self, body: bytes, run: Run) -> str:
        if not self.bucket:
            raise ResultTooLarge(f"step {run.step} gave bytes; set NIGHTSHIFT_RESULTS_BUCKET")
        key = f"{results_folder(run)}/{hashlib.sha256(body).hexdigest()[:16]}.bin"
        self._client().put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/octet-stream")
        return f"s3://{self.bucket}/{key}"

    def _put_largest(self, result: dict[str, Json], run: Run, names: Sequence[str], excess: int) -> int:
        """Put the largest of these fields away until the result is smaller by `excess` bytes; by how many it is."""
        texts = {name: self._to_text(result.get(name)) for name in names}
        saved = 0
        for name in sorted(names, key=lambda n: -len(texts[n])):
            if saved >= excess or len(texts[name]) < _SMALL:
                break
            result[name] = self._put(texts[name], len(result[name]), run, name)
            saved += len(texts[name]) - self._size(result[name])
        return saved

    def load(self, value: Json) -> Json:
        """`value` with every reference in it replaced by what it refers to.

        Raises InvalidParameter for a reference to another bucket.
        """
        if type(value) is dict or isinstance(value, Mapping):
            if len(value) == 2 and "ref" in value and "count" in value:
                return self._get(value["ref"])
            return {k: v if type(v) in _LEAVES else self.load(v) for k, v in value.items()}
        if isinstance(value, list):
            return [v if type(v) in _LEAVES else self.load(v) for v in value]
        return value

    def _put(self, text: str, count: int, run: Run, name: str) -> dict[str, Json]:
        body = text.encode()
        # The same content has the same key: a repeated invocation writes nothing new.
        digest = hashlib.sha256(body).hexdigest()[:16]
        key = f"{results_folder(run)}/{name}-{digest}.json"
        self._client().put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json")
        return {"ref": f"s3://{self.bucket}/{key}", "count": count}

    def _get(self, ref: str) -> Json:
        bucket, _, key = ref.removeprefix("s3://").partition("/")
        if not self.bucket or bucket != self.bucket:
            raise InvalidParameter(f"{ref} is not in the results bucket of this app ({self.bucket or 'none is set'})")
        return self._from_text(self._client().get_object(Bucket=bucket, Key=key)["Body"].read())

    def _size(self, value: Json) -> int:
        # The text is ASCII: a character is a byte.
        return len(self._to_text(value))
