"""The way to AWS: clients per service, region and role, with the settings a part needs.

Reads are retried in place by the client; writes never are. A write whose answer was lost may have had effect, and only
the part knows how to find that out.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter

if TYPE_CHECKING:
    import botocore.session

_READS = ("Describe", "Get", "List", "Head")
_ATTEMPTS = 5
_FIRST_PAUSE = 0.2
_ROLE_SECONDS = 3600
"""Roles are chained (the function's role assumes another): one hour is the most STS gives then.
AWS Identity and Access Management User Guide, "Methods to assume a role"."""

_SECRET_SECONDS = 3600
"""How long access keys from a secret are used before it is read again: a rotation is noticed within the hour."""


class AwsClients:
    """Implements `lambdas.contract.part.Aws` on a botocore session.

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
        self._sessions: dict[tuple[str | None, str | None], botocore.session.Session] = {}
        self._clients: dict[tuple[str, str | None, str | None, str | None], Any] = {}

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        role_arn: str | None = None,
        credentials_secret: str | None = None,
    ) -> Any:
        """A client of `service`, cached.

        role_arn: role to assume; its credentials are renewed before they end.
        credentials_secret: name of a Secrets Manager secret with access keys, read with the function's own role.

        Raises InvalidParameter when the secret has not the keys.
        """
        region = region or self._region
        key = (service, region, role_arn, credentials_secret)
        if key not in self._clients:
            self._clients[key] = _create(self._session_for(role_arn, credentials_secret, region), service, region)
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

    def _session_for(self, role_arn: str | None, secret: str | None, region: str | None) -> botocore.session.Session:
        if not role_arn and not secret:
            return self.session
        key = (role_arn, secret)
        if key not in self._sessions:
            if role_arn:
                # The STS of another partition knows its own keys only.
                sts = self.client("sts", region=region if secret else None, credentials_secret=secret)
                self._sessions[key] = _renewed(self._another(), lambda: _role_keys(sts, role_arn), "sts-assume-role")
            else:
                reader = self.client("secretsmanager")
                self._sessions[key] = _renewed(
                    self._another(), lambda: _secret_keys(reader, str(secret)), "secretsmanager"
                )
        return self._sessions[key]

    def _another(self) -> botocore.session.Session:
        """A session for other credentials. One that leads elsewhere than to AWS makes one that leads there, too."""
        import botocore.session

        own: Any = self.session
        return own.another() if hasattr(own, "another") else botocore.session.get_session()


def _renewed(
    session: botocore.session.Session, fetch: Callable[[], dict[str, Any]], method: str
) -> botocore.session.Session:
    """The session with credentials that come from `fetch`, and again before they end."""
    from botocore.credentials import RefreshableCredentials

    # The only way to give a session credentials that renew themselves.
    session._credentials = RefreshableCredentials.create_from_metadata(  # type: ignore[attr-defined]
        metadata=fetch(), refresh_using=fetch, method=method
    )
    return session


def _role_keys(sts: Any, role_arn: str) -> dict[str, Any]:
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="nightshift", DurationSeconds=_ROLE_SECONDS)
    keys = answer["Credentials"]
    return {
        "access_key": keys["AccessKeyId"],
        "secret_key": keys["SecretAccessKey"],
        "token": keys["SessionToken"],
        "expiry_time": keys["Expiration"].isoformat(),
    }


def _secret_keys(secretsmanager: Any, name: str) -> dict[str, Any]:
    text = secretsmanager.get_secret_value(SecretId=name).get("SecretString", "")
    try:
        keys = json.loads(text)
        access_key, secret_key = keys["access_key_id"], keys["secret_access_key"]
    except (ValueError, KeyError, TypeError):
        # Nothing of the secret may get into a message or a traceback.
        keys = None
    if not keys:
        raise InvalidParameter(f"secret {name} must hold JSON with access_key_id and secret_access_key")
    until = datetime.now(UTC) + timedelta(seconds=_SECRET_SECONDS)
    return {
        "access_key": access_key,
        "secret_key": secret_key,
        "token": keys.get("session_token"),
        "expiry_time": until.isoformat(),
    }


def _create(session: botocore.session.Session, service: str, region: str | None) -> Any:
    from botocore.config import Config

    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    client = session.create_client(
        service,
        region_name=region,
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=5,
            read_timeout=30,
            user_agent_extra="nightshift",
            max_pool_connections=10,
            # Presigned URLs of S3 would else be signed with version 2, which newer regions and KMS refuse.
            signature_version="s3v4" if service == "s3" else None,
            # And they would name the endpoint of us-east-1, which does not serve every bucket of another region.
            s3={"addressing_style": "virtual"} if service == "s3" else None,
        ),
    )
    # The stubs say that handlers return nothing; botocore uses what they return.
    retry: Any = _retry_reads
    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", retry)
    return client


def _moment(value: Any) -> datetime:
    """A timestamp in an answer. botocore's own reading takes two fifths of the time of a page of DescribeInstances."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    if found is not None and found.tzinfo is not None:
        return found
    # Of S3's headers, or seconds since the epoch.
    from botocore.utils import parse_timestamp

    return parse_timestamp(value)


def _retry_reads(
    *, operation: Any, attempts: int, response: Any = None, caught_exception: Any = None, **_: Any
) -> float | None:
    """Seconds after which botocore repeats a call, or None: reads only, with exponential pauses and full jitter."""
    if attempts >= _ATTEMPTS or not operation.name.startswith(_READS):
        return None
    error = caught_exception or _Answer(response)
    if not (aws_errors.is_throttling(error) or aws_errors.is_unavailable(error)):
        return None
    return random.uniform(0, _FIRST_PAUSE * 2**attempts)


class _Answer(Exception):
    """A response before botocore has made an exception of it."""

    def __init__(self, response: Any) -> None:
        self.response = response[1] if response else {}
