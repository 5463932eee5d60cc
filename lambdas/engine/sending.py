"""Sending one request for many resources: batches as large as the API takes, and only who was refused is dropped.

AWS refuses a batch for one of its members, and may not say for which. One error is about one resource, or about what
it shares with others: it says nothing of the rest. So the rest is always asked for again:

- Ids that the error names are dropped, and the rests of the batches are sent together.
- A lack of capacity or a limit is met by all that are alike (of one type in one zone). Those are sent apart, and once
  one of them is refused by itself, the others alike are not tried.
- Any other error is narrowed down by halves, until a request for one resource is refused. That takes a number of calls
  in the order of refused * log(n). Where many are refused the batches get smaller, down to one: never many more calls
  than resources.
- A denial may be for the role altogether. While nothing was accepted, other batches come first, then a few single ones
  from everywhere; when all of those are denied, too, the rest is given up.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.part import Call
from lambdas.engine.pacing import BATCH, MARGIN, Pace

_SHARED = frozenset(
    {
        "Blocked",
        "InstanceLimitExceeded",
        "InsufficientCapacity",
        "InsufficientCapacityOnHost",
        "InsufficientHostCapacity",
        "InsufficientInstanceCapacity",
        "InsufficientReservedInstanceCapacity",
        "MaxSpotInstanceCountExceeded",
        "OptInRequired",
        "PendingVerification",
        "VcpuLimitExceeded",
    }
)
"""Refusals that all resources meet that are alike. Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API"."""

_DENIALS = 12
"""Resources that are denied, with none accepted, before the role is taken not to have the permission."""

_NAMED_DENIALS = 4
"""Denials that name a resource, with none accepted, before single ones from everywhere are asked for."""

_RECENT = 32
"""The last resources that were settled while narrowing down: how many of them were refused tells how many to send."""

_CROWDED = 4
"""Refused ones among the last before batches get smaller."""


@dataclass
class Sent:
    """What became of a list of ids.

    accepted: AWS took the request for them.
    failed: (ids, error code, message with "{id}" where AWS named the resource).
    left: not sent, to be carried to the next invocation.
    wait: seconds until `left` may be sent, or None when only the time of this invocation ran out.
    slow: whether `left` has to wait for as long as a poll. refusal: the error code that holds `left` up, or "".
    answers: what AWS answered for which ids.
    """

    accepted: list[str] = field(default_factory=list)
    answers: list[tuple[list[str], Any]] = field(default_factory=list)
    slow: bool = False
    refusal: str = ""
    failed: list[tuple[list[str], str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    wait: int | None = None


def send(
    call: Call,
    ids: list[str],
    request: Callable[[list[str]], Any],
    pace: Pace,
    size: int = BATCH,
    apart: Callable[[str], Any] = lambda resource: None,
    alike: Callable[[list[str]], Mapping[str, Hashable]] | None = None,
    permitted: bool = False,
) -> Sent:
    """Send `request` for all `ids` with as few calls as AWS allows.

    A throttled request and what follows it is left for the next invocation.

    request: makes one call for a list of ids; with DryRun, DryRunOperation counts as accepted.
    size: ids in one call. apart: what has to be the same for all in one call.
    alike: reads what a lack of capacity depends on, such as type and zone, of ids; called only when there is one.
    permitted: whether AWS has accepted such a request before.
    """
    sending = _Sending(min(size, pace.batch), apart, alike, permitted)
    sending.add(ids)
    calls = 0
    while batch := sending.next():
        late = calls and call.remaining() < MARGIN
        due = 0 if late else pace.due(len(batch))
        if late or due:
            sending.stop(batch, due or None)
            break
        calls += 1
        try:
            answer = request(batch)
        except Exception as error:
            if aws_errors.is_temporary(error):
                sending.stop(batch, pace.throttled(len(batch)))
                sending.sent.refusal = aws_errors.code(error)
                break
            sending.refused(batch, error)
        else:
            pace.accepted(len(batch))
            sending.accepted(batch, answer)
    return sending.sent


def one_by_one(
    call: Call,
    ids: list[str],
    request: Callable[[str], Any],
    full: Collection[str] = (),
    busy: Mapping[str, int] = MappingProxyType({}),
    permitted: bool = True,
) -> Sent:
    """Send `request` for each of `ids`, as far as throttling and the time of this invocation allow.

    full: error codes that hold up all that is left. busy: error code -> seconds until one may be asked for again.
    permitted: whether denials are each for one resource. If not, and nothing is accepted, the rest is given up after a
        few from everywhere were denied.
    """
    sent = Sent()
    queue = list(ids)
    denials = 0
    while queue:
        if len(queue) < len(ids) and call.remaining() < MARGIN:
            break
        resource = queue.pop(0)
        try:
            answer = request(resource)
        except Exception as error:
            code = aws_errors.code(error)
            if aws_errors.is_temporary(error) or code in full:
                queue.insert(0, resource)
                sent.slow, sent.refusal = sent.wait is None, code
                break
            if not code:
                raise
            if code in busy:
                sent.left.append(resource)
                sent.wait = min(busy[code], sent.wait or busy[code])
            elif code == aws_errors.DRY_RUN:
                sent.accepted.append(resource)
            else:
                sent.failed.append(([resource], code, aws_errors.message(error).replace(resource, "{id}")))
                if aws_errors.is_denied(error) and not permitted and not sent.accepted:
                    denials += 1
                    if denials == 1:
                        queue = _from_everywhere(queue, _DENIALS - 1)
                    elif denials >= _DENIALS and queue:
                        sent.failed.append((queue, *sent.failed[-1][1:]))
                        queue = []
        else:
            sent.accepted.append(resource)
            sent.answers.append(([resource], answer))
    sent.left += queue
    return sent


class _Sending:
    """What is still to be sent, and in what batches."""

    def __init__(
        self,
        size: int,
        apart: Callable[[str], Any],
        alike: Callable[[list[str]], Mapping[str, Hashable]] | None,
        permitted: bool,
    ) -> None:
        self.sent = Sent()
        self._size, self._apart = size, apart
        self._alike = _Alike(alike, apart) if alike else None
        self._crowd = _Crowd()
        self._queue: list[list[str]] = []
        self._again: list[str] = []
        self._first_half: list[str] = []
        # While nothing was accepted:
        self._permitted = permitted
        self._denied = 0
        self._aside: list[str] = []
        self._probing = False

    def add(self, ids: list[str]) -> None:
        """Send these, too, in batches that have the same in `apart`."""
        groups: dict[Any, list[str]] = {}
        for resource in ids:
            groups.setdefault(self._apart(resource), []).append(resource)
        for group in groups.values():
            self._queue += _chunks(group, self._size)

    def next(self) -> list[str]:
        """The next batch; none when all is settled."""
        while self._queue or self._again or self._aside:
            if not self._queue:
                self._fill()
                continue
            batch = self._untried(self._queue.pop(0))
            fit = self._crowd.fit(self._size)
            if len(batch) > fit:
                batch, *rest = _chunks(batch, fit)
                self._queue[:0] = rest
            if batch:
                return batch
        return []

    def stop(self, batch: list[str], wait: int | None) -> None:
        """Leave a batch, and what follows, for the next invocation."""
        self.sent.left = [*chain(batch, *self._queue), *self._again, *self._aside]
        self.sent.wait = wait

    def accepted(self, batch: list[str], answer: Any) -> None:
        """AWS took the request."""
        self.sent.answers.append((batch, answer))
        self._took(batch)
        if batch is self._first_half and len(self._queue[0]) > 1:
            # Together they were refused: it lies in the second half.
            self._halve(self._queue.pop(0))

    def refused(self, batch: list[str], error: Exception) -> None:
        """Note who failed, and what is to be sent in place of the batch."""
        code, message = aws_errors.code(error), aws_errors.message(error)
        if not code:
            raise error
        if code == aws_errors.DRY_RUN:
            self._took(batch)
            return
        denied = aws_errors.is_denied(error) and not self._permitted
        named = aws_errors.named_ids(error, batch)
        if named or len(batch) == 1:
            self.sent.failed.append((named or batch, code, without_ids(message) if named else message))
            self._denied += denied
        if named:
            dropped = set(named)
            rest = [i for i in batch if i not in dropped]
            if denied and self._denied > _NAMED_DENIALS:
                self._aside += rest
            else:
                self._again += rest
        elif len(batch) == 1:
            self._crowd.refused()
            if self._alike and code in _SHARED:
                self._alike.exhaust(batch[0], code, message)
        elif denied:
            self._aside += batch
        elif self._alike and code in _SHARED and len(groups := self._alike.groups(batch)) > 1:
            self._queue[:0] = groups
        else:
            self._halve(batch)

    def _took(self, batch: list[str]) -> None:
        self.sent.accepted += batch
        self._crowd.accepted(len(batch))
        self._permitted = True
        if self._probing and self._aside:
            self._aside += chain(*self._queue)
            self._queue, self._probing = [], False

    def _halve(self, batch: list[str]) -> None:
        half = len(batch) // 2
        self._first_half = batch[:half]
        self._queue[:0] = [self._first_half, batch[half:]]

    def _untried(self, batch: list[str]) -> list[str]:
        """Those of a batch that are not alike one that was refused; the others have failed likewise."""
        if not self._alike:
            return batch
        met = {i: refusal for i in batch if (refusal := self._alike.met(i))}
        for resource, (code, message) in met.items():
            self.sent.failed.append(([resource], code, message))
        return [i for i in batch if i not in met] if met else batch

    def _fill(self) -> None:
        """Take up what waits until the batches before it are through."""
        if self._again:
            self.add(self._again)
            self._again = []
        elif self._permitted:
            self.add(self._aside)
            self._aside = []
        elif not self._probing:
            self._probing = True
            probes = max(_DENIALS - self._denied, _DENIALS - _NAMED_DENIALS)
            ids = _from_everywhere(self._aside, probes)
            self._queue, self._aside = [[i] for i in ids[:probes]], ids[probes:]
        else:
            _, code, message = self.sent.failed[-1]
            self.sent.failed.append((self._aside, code, message))
            self._aside = []


class _Alike:
    """Which resources meet the same refusal, and which of those have met it."""

    def __init__(self, read: Callable[[list[str]], Mapping[str, Hashable]], apart: Callable[[str], Any]) -> None:
        self._read, self._apart = read, apart
        self._kinds: dict[str, Hashable] = {}
        self._refusals: dict[Hashable, tuple[str, str]] = {}

    def groups(self, batch: list[str]) -> list[list[str]]:
        """A batch, apart by what they share; one of which nothing can be read is like no other."""
        try:
            self._kinds |= self._read([i for i in batch if i not in self._kinds])
        except Exception as error:
            if not aws_errors.code(error) and not aws_errors.is_unavailable(error):
                raise
        groups: dict[Hashable, list[str]] = {}
        for resource in batch:
            groups.setdefault(self._kind(resource), []).append(resource)
        return list(groups.values())

    def exhaust(self, resource: str, code: str, message: str) -> None:
        """One was refused by itself."""
        self._refusals[self._kind(resource)] = (code, message)

    def met(self, resource: str) -> tuple[str, str] | None:
        """The code and message with which one like it was refused."""
        return self._refusals.get(self._kind(resource)) if self._refusals else None

    def _kind(self, resource: str) -> Hashable:
        return self._apart(resource), self._kinds.get(resource, resource)


class _Crowd:
    """How many of the resources that were settled last had been refused by themselves."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=_RECENT)

    def accepted(self, count: int) -> None:
        """So many were accepted together."""
        if self._last:
            self._last.extend([False] * min(count, _RECENT))

    def refused(self) -> None:
        """One was refused by itself."""
        self._last.append(True)

    def fit(self, size: int) -> int:
        """How many to send at once, of `size` at most, so that about half of the requests are accepted."""
        refused = sum(self._last)
        return size if refused < _CROWDED else max(1, min(size, len(self._last) * 7 // (10 * refused)))


def _chunks(ids: list[str], size: int) -> list[list[str]]:
    return [ids[i : i + size] for i in range(0, len(ids), size)]


def _from_everywhere(ids: list[str], count: int) -> list[str]:
    """`ids` with `count` from everywhere in the list first."""
    first = [ids[n * (len(ids) - 1) // (count - 1)] for n in range(count)] if len(ids) > count else ids
    chosen = set(first)
    return [*first, *(i for i in ids if i not in chosen)]


def without_ids(message: str) -> str:
    """`message` with its list of ids replaced by "{id}", so that one text serves for each of them."""
    # A whole word: "nightshift-ec2-stop_instances" in the ARN of a role is no id.
    one = r"(?<![\w-])[a-z]+-[0-9a-f]{3,}(?![\w-])"
    return re.sub(
        rf"['\"]?{one}['\"]?(?:,\s*['\"]?{one}['\"]?)*", "'{id}'", message.replace("{", "(").replace("}", ")")
    )
