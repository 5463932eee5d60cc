"""The way to AWS: clients per service, region and role, with the settings a part needs.

Reads are retried in place by the client; writes never are. A write whose answer was lost may have had effect, and only
the part knows how to find that out.
"""

from __future__ import annotations

import os
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from lambdas.contract import aws_errors
from lambdas.contract.call import Run
from lambdas.runtime.sessions import renewed, role_keys, secret_keys, session_name, with_credentials

if TYPE_CHECKING:
    import botocore.session
    from botocore.credentials import RefreshableCredentials

_Identity = tuple[str | None, str | None, str]
"""A role, a secret, and the name of the role's session; no role and no secret for the function itself."""

_READS = ("Describe", "Get", "List", "Head")
_ATTEMPTS = 5
_FIRST_PAUSE = 0.2
_READ_TIMEOUT, _ANSWER_OF_FUNCTION = 30, 240
"""Seconds for which an answer is waited for: of a service, and of a function that is invoked."""

_MOST_SESSIONS = 40
"""How many sessions with other credentials are kept with their clients, which take 3 MB of the function's 512 MB.
Another one is made in 20 ms, without a call."""

_MOST_CREDENTIALS = 500
"""How many credentials are kept: those of an organization in one run, so that a role is assumed once in it."""


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
        self._session_name = "nightshift"
        self._credentials: OrderedDict[_Identity, RefreshableCredentials] = OrderedDict()
        self._sessions: OrderedDict[_Identity, botocore.session.Session] = OrderedDict()
        self._clients: dict[_Identity, dict[tuple[str, str | None], Any]] = {}

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
        identity = (role_arn, credentials_secret, self._session_name if role_arn else "")
        session = self._session_for(identity, region)
        clients = self._clients.setdefault(identity, {})
        if (service, region) not in clients:
            clients[service, region] = _create(session, service, region)
        return clients[service, region]

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

    def outside(self) -> Any:
        """The systems beyond AWS that the app may reach."""
        from lambdas.outside.sending import Outside

        return Outside()

    def invocation(self, remaining: Callable[[], float], run: Run | None = None) -> AwsClients:
        """The same clients with the clock of another invocation. run: names the sessions of roles from now on."""
        self._remaining = remaining
        if run is not None:
            self._session_name = session_name(run)
        # Between invocations: no part holds a client now.
        while len(self._sessions) > _MOST_SESSIONS:
            forgotten, _ = self._sessions.popitem(last=False)
            del self._clients[forgotten]
        while len(self._credentials) > _MOST_CREDENTIALS:
            self._credentials.popitem(last=False)
        return self

    def _session_for(self, identity: _Identity, region: str | None) -> botocore.session.Session:
        """The session of an identity: made anew when it was forgotten, with the credentials that are kept."""
        role_arn, secret, _ = identity
        if not role_arn and not secret:
            return self.session
        if identity not in self._sessions:
            self._sessions[identity] = with_credentials(self._another(), self._credentials_of(identity, region))
        self._sessions.move_to_end(identity)
        return self._sessions[identity]

    def _credentials_of(self, identity: _Identity, region: str | None) -> RefreshableCredentials:
        role_arn, secret, name = identity
        if identity not in self._credentials:
            if role_arn:
                # The STS of another partition knows its own keys only.
                sts = self.client("sts", region=region if secret else None, credentials_secret=secret)
                made = renewed(partial(role_keys, sts, role_arn, name), "sts-assume-role")
            else:
                made = renewed(partial(secret_keys, self.client("secretsmanager"), str(secret)), "secretsmanager")
            self._credentials[identity] = made
        self._credentials.move_to_end(identity)
        return self._credentials[identity]

    def _another(self) -> botocore.session.Session:
        """A session for other credentials. One that leads elsewhere than to AWS makes one that leads there, too."""
        import botocore.session

        own: Any = self.session
        made: botocore.session.Session = own.another() if hasattr(own, "another") else botocore.session.get_session()
        # It has read the models of the services, each of them megabytes.
        made.register_component("data_loader", own.get_component("data_loader"))
        return made


def _create(session: botocore.session.Session, service: str, region: str | None) -> Any:
    from botocore.config import Config

    if service == "sts":
        # Credentials of the global endpoint are refused in Regions that an account has to opt in to ("Manage AWS STS in
        # an AWS Region", IAM User Guide).
        session.set_config_variable("sts_regional_endpoints", "regional")
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    client = session.create_client(
        service,
        region_name=region,
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=5,
            read_timeout=_ANSWER_OF_FUNCTION if service == "lambda" else _READ_TIMEOUT,
            tcp_keepalive=service == "lambda",
            user_agent_extra="nightshift",
            max_pool_connections=10,
            # Presigned URLs of S3 would else be signed with version 2, which newer regions and KMS refuse.
            signature_version="s3v4" if service == "s3" else None,
            ignore_configured_endpoint_urls=_elsewhere(service, region),  # type: ignore[call-arg]  # the stubs lack it
            # And they would name the endpoint of us-east-1, which does not serve every bucket of another region.
            s3={"addressing_style": "virtual"} if service == "s3" else None,
        ),
    )
    # The stubs say that handlers return nothing; botocore uses what they return.
    retry: Any = _retry_reads
    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", retry)
    return client


def _elsewhere(service: str, region: str | None) -> bool:
    """Whether a service has an endpoint of the company's that does not serve this region.

    An endpoint of a VPC answers for the region it is in; a request that is signed for another is refused there.
    """
    own = os.environ.get("NIGHTSHIFT_HOME_ENDPOINTS", "").split()
    return service in own and region not in (None, os.environ.get("AWS_REGION"))


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
    if not aws_errors.is_temporary(error):
        return None
    return random.uniform(0, _FIRST_PAUSE * 2**attempts)


class _Answer(Exception):
    """A response before botocore has made an exception of it."""

    def __init__(self, response: Any) -> None:
        self.response = response[1] if response else {}
