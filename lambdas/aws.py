"""The way to AWS: clients per service, region and role, with the settings a part needs.

Reads are retried in place by the client; writes never are. A write whose answer was lost may have had effect, and only
the part knows how to find that out.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lambdas import service_errors

if TYPE_CHECKING:
    import botocore.session

_READS = ("Describe", "Get", "List", "Head")
_ATTEMPTS = 5
_FIRST_PAUSE = 0.2
_ROLE_SECONDS = 3600
"""Roles are chained (the function's role assumes another): one hour is the most STS gives then.
AWS Identity and Access Management User Guide, "Methods to assume a role"."""


class AwsClients:
    """Implements `lambdas.contract.Aws` on a botocore session.

    session: a botocore session; default: the environment's.
    remaining: seconds this invocation may still take; default: no limit.
    region: default region; default: the session's.
    """

    def __init__(
        self,
        session: botocore.session.Session | None = None,
        *,
        remaining: Callable[[], float] = lambda: float("inf"),
        region: str | None = None,
    ) -> None:
        self._session = session
        self._remaining = remaining
        self._region = region
        self._roles: dict[str, botocore.session.Session] = {}
        self._clients: dict[tuple[str, str | None, str | None], Any] = {}

    def client(self, service: str, *, region: str | None = None, role_arn: str | None = None) -> Any:
        """A client of `service`, cached.

        role_arn: role to assume; its credentials are renewed before they end.
        """
        region = region or self._region
        key = (service, region, role_arn)
        if key not in self._clients:
            session = self._assume(role_arn) if role_arn else self.session
            self._clients[key] = _create(session, service, region)
        return self._clients[key]

    @property
    def session(self) -> botocore.session.Session:
        """The session of the function's own role."""
        if self._session is None:
            import botocore.session

            # botocore alone: importing boto3 would add a seventh to a cold start.
            self._session = botocore.session.get_session()
        return self._session

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def remaining(self) -> float:
        """Seconds this invocation may still take."""
        return self._remaining()

    def invocation(self, remaining: Callable[[], float]) -> AwsClients:
        """The same clients with the clock of another invocation."""
        self._remaining = remaining
        return self

    def _assume(self, role_arn: str) -> botocore.session.Session:
        if role_arn not in self._roles:
            import botocore.session
            from botocore.credentials import RefreshableCredentials

            def fetch() -> dict[str, str]:
                answer = self.client("sts").assume_role(
                    RoleArn=role_arn, RoleSessionName="nightshift", DurationSeconds=_ROLE_SECONDS
                )["Credentials"]
                return {
                    "access_key": answer["AccessKeyId"],
                    "secret_key": answer["SecretAccessKey"],
                    "token": answer["SessionToken"],
                    "expiry_time": answer["Expiration"].isoformat(),
                }

            session = botocore.session.get_session()
            # The only way to give a session credentials that renew themselves.
            session._credentials = RefreshableCredentials.create_from_metadata(  # type: ignore[attr-defined]
                metadata=fetch(), refresh_using=fetch, method="sts-assume-role"
            )
            self._roles[role_arn] = session
        return self._roles[role_arn]


class SessionAws(AwsClients):
    """`Aws` of a boto3 session, for a run outside Lambda.

    session: a boto3 session; default: the environment's credentials.
    region: default: the session's.
    """

    def __init__(self, session: Any = None, region: str | None = None) -> None:
        super().__init__(session._session if session is not None else None, region=region)


def _create(session: botocore.session.Session, service: str, region: str | None) -> Any:
    from botocore.config import Config

    client = session.create_client(
        service,
        region_name=region,
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=5,
            read_timeout=30,
            user_agent_extra="nightshift",
            max_pool_connections=10,
        ),
    )
    # The stubs say that handlers return nothing; botocore uses what they return.
    retry: Any = _retry_reads
    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", retry)
    return client


def _retry_reads(
    *, operation: Any, attempts: int, response: Any = None, caught_exception: Any = None, **_: Any
) -> float | None:
    """Seconds after which botocore repeats a call, or None: reads only, with exponential pauses and full jitter."""
    if attempts >= _ATTEMPTS or not operation.name.startswith(_READS):
        return None
    error = caught_exception or _Answer(response)
    if not (service_errors.is_throttling(error) or service_errors.is_unavailable(error)):
        return None
    return random.uniform(0, _FIRST_PAUSE * 2**attempts)


class _Answer(Exception):
    """A response before botocore has made an exception of it."""

    def __init__(self, response: Any) -> None:
        self.response = response[1] if response else {}
