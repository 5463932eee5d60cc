"""Brings the local AWS of a project up and down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from lambdas.contract.waits import SPEED_VARIABLE
from nightshift import app_context, installation
from nightshift.local.aws import LocalAws
from nightshift.local.cdk import OF_HUB, Cdk, deploy_members
from nightshift.local.node import ensure_node_modules
from nightshift.local.processes import Reserved
from nightshift.local.seed import MAIL_FROM, MEMBERS, make_organization, seed
from nightshift.local.servers import dashboard_port, start_dashboard, start_servers, wait_for
from nightshift.local.state import Folder
from nightshift.project import load_flows
from nightshift.views.catalogue_file import catalogue_json

SPEED = 60.0
"""A minute of waiting passes in a second."""


def up(
    project: Path,
    *,
    on_event: Callable[[str], None] = lambda _: None,
    app: Path | None = None,
    flow_defs: Path | None = None,
    context: Mapping[str, str] | None = None,
    speed: float = SPEED,
    strict: bool = True,
    iam: bool = True,
    organization: bool = False,
    deploy: bool = True,
    fleet: bool = True,
) -> LocalAws:
    """Start the local AWS of a project, deploy the app to it and give it a small fleet.

    When it is running already, with the same settings, only the app is deployed again.

    project: the folder whose `.nightshift/` holds the state. on_event: is told what is being done.
    app: the CDK app to deploy (default: the project). flow_defs: the folder of flows to deploy (default: the app's).
    context: further CDK context. speed: how many times faster than the wall clock waits and changes of state pass.
    strict: with API throttling and eventual consistency. iam: each function may do only what its role allows.
    organization: the account is the hub of one, with two members in two Regions, which have the role that the flows
    need there. deploy, fleet: False leaves that step out.

    Raises ServerDied or CommandFailed; a local AWS that could not be brought up is taken down again.
    """
    folder = Folder(project.resolve())
    with folder.lock():
        settings = {"speed": speed, "strict": strict, "iam": iam, "organization": organization}
        context = {**(OF_HUB if organization else {}), **(context or {})}
        local = _running(folder, settings)
        try:
            fresh = local is None
            if local is None:
                folder.write(up=False, **settings)
                local = start_servers(folder, speed=speed, iam=iam)
                on_event(f"Starting MiniStack on {local.ministack.url} and the fleet on {local.fleet.url}")
            else:
                on_event("The local AWS is running already")
            # Mails of what is deployed name the dashboard, which is started last. Synthesis needs no server, and it
            # takes as long as the rest.
            with dashboard_port(folder) as place, ThreadPoolExecutor(1) as pool:
                cdk = _cdk(local, app or project, flow_defs, context, place.port) if deploy else None
                synthesized = pool.submit(cdk.synth) if cdk else None
                if fresh:
                    wait_for(local)
                    _furnish(local, fleet=fleet, organization=organization, strict=strict, on_event=on_event)
                if cdk and synthesized:
                    local = _deploy(cdk, synthesized, on_event)
                    if organization and (changed := deploy_members(local, folder.cdk_out)):
                        on_event(f"Deployed the role of members to {' and '.join(changed)}")
                    local = _serve_dashboard(cdk, local, flow_defs, place, on_event)
        except BaseException:
            if not (folder.read() or {}).get("up"):
                _stop(folder)
            raise
        folder.exports.write_text(local.exports() + "\n")
        folder.write(up=True, outputs=local.outputs)
        for server in (local.ministack, local.fleet, local.dashboard):
            if server is not None:
                server.keep()
        return local


def down(project: Path, *, on_event: Callable[[str], None] = lambda _: None) -> bool:
    """End what `up` started, and nothing else; returns whether there was anything."""
    folder = Folder(project.resolve())
    if not folder.state.exists():
        return False
    with folder.lock():
        for server in folder.servers():
            on_event(f"Ending {server.name} ({server.pid})" if server.alive() else f"{server.name} had ended already")
        _stop(folder)
    return True


def status(project: Path) -> LocalAws | None:
    """The local AWS of a project, or None. Look at its `dead`: a server may have been killed."""
    return Folder(project.resolve()).local()


def _running(folder: Folder, settings: Mapping[str, object]) -> LocalAws | None:
    """The local AWS, if it can be used as it is; otherwise what is left of it is taken down."""
    local, state = folder.local(), folder.read() or {}
    if local is not None and not local.dead and settings.items() <= state.items():
        return local
    _stop(folder)
    return None


def _furnish(
    local: LocalAws, *, fleet: bool, organization: bool, strict: bool, on_event: Callable[[str], None]
) -> None:
    if fleet:
        seed(local)
        on_event("Made a small fleet")
    if organization:
        make_organization(local)
        on_event(f"Made an organization with the members {' and '.join(MEMBERS)}")
    local.control().strict(strict)


def _cdk(local: LocalAws, app: Path, flow_defs: Path | None, context: Mapping[str, str], dashboard: int) -> Cdk:
    tools = ensure_node_modules(app)
    flows = {} if flow_defs is None else {"flow_defs": str(flow_defs.resolve())}
    # Where nobody has built the page yet, the flows are deployed all the same.
    built = {} if (installation.page() / "index.html").is_file() else {"dashboard": "false"}
    return Cdk(local, app.resolve(), tools.resolve(), {**local_context(local, dashboard), **flows, **built, **context})


def _deploy(cdk: Cdk, synthesized: Future[None], on_event: Callable[[str], None]) -> LocalAws:
    on_event("Deploying with cdk")
    state = cdk.folder.read() or {}
    if not state.get("bootstrapped"):
        cdk.bootstrap()
        cdk.folder.write(bootstrapped=True)
    synthesized.result()
    outputs = cdk.deploy()
    on_event(f"Deployed {', '.join(sorted(outputs)) or 'no stack with outputs'}")
    return replace(cdk.local, outputs=outputs)


def _serve_dashboard(
    cdk: Cdk, local: LocalAws, flow_defs: Path | None, place: Reserved, on_event: Callable[[str], None]
) -> LocalAws:
    """The dashboard of what was deployed; the same function as on AWS answers its API, in a process of its own."""
    folder, flows = cdk.folder, flow_defs or cdk.app / "flow_defs"
    if not any("TableName" in outputs for outputs in local.outputs.values()):
        return local
    names = app_context.names(cdk.app, cdk.context)
    folder.catalogue.write_bytes(catalogue_json(load_flows(flows), flows, names))
    server = start_dashboard(folder, local, at=place, names=names, page=installation.page())
    on_event("Serving the dashboard")
    return replace(local, dashboard=server)


def local_context(local: LocalAws, dashboard: int) -> dict[str, str]:
    """The CDK context that makes the deployed functions talk to the local AWS. dashboard: the port of the dashboard."""
    own = {"NIGHTSHIFT_DASHBOARD": f"http://127.0.0.1:{dashboard}/", SPEED_VARIABLE: f"{local.speed:g}"}
    return {
        "lambda_environment": json.dumps({**local.endpoint_variables(), **own}),
        "mail_from": MAIL_FROM,
        "runs_here": "true",
    }


def _stop(folder: Folder) -> None:
    for server in folder.servers():
        server.stop()
    folder.forget()
