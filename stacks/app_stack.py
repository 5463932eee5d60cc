"""The app as one CloudFormation stack, with the flows in nested stacks below it."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, CfnStack, Environment, Fn, NestedStack, Stack, Stage
from constructs import Construct

from lambdas.parts import own_parts
from nightshift.errors import CompileErrors
from nightshift.model import CompiledFlow
from nightshift.own_parts import known_folders, packages_lock
from nightshift.project import load_flows
from nightshift.stages import find_stage
from stacks.dashboard.api import dashboard_api, dashboard_function, issuer
from stacks.dashboard.page import DISTRIBUTION, address, page
from stacks.dashboard.users import CLIENT, OWN_DOMAIN, POOL, sign_in_host, users
from stacks.flow import Flow, check_limits, needed
from stacks.flows.alarm import routes
from stacks.flows.schedule import schedule_group
from stacks.regions import check_region
from stacks.settings import Settings
from stacks.shared.alarm_keeper import alarm_keeper, definitions, per_instance
from stacks.shared.alarm_receiver import alarm_receiver, conditions
from stacks.shared.alerts import alerts, recipients
from stacks.shared.approval import approval
from stacks.shared.backup import backup
from stacks.shared.gate import gate, rules
from stacks.shared.member import member_template, version
from stacks.shared.member_events import member_instances
from stacks.shared.operations import dead_letters, key, operations_topic, state_machine_logs
from stacks.shared.parts import OwnParts, part_functions
from stacks.shared.results import results_bucket
from stacks.shared.retirement import FLOWS_ENDED, ROLE, retirement
from stacks.shared.table import table
from stacks.shared.tracker import tracker
from stacks.spread import spread
from stacks.template import assets
from stacks.template.cloudformation import Json, Resources, ref, tags
from stacks.template.functions import Code, layer
from stacks.template.included import include, set_tags
from stacks.template.layer import DASHBOARD_LOCK

_LISTED_TOPICS = 100
"""How many alarm topics are put out by name; a template has room for 200 outputs."""


class NightshiftStack(Stack):
    """Everything of an app: what the flows share here, the flows themselves in nested stacks.

    One stack and nested ones, so that `cdk deploy` needs no list of stacks and either all of a change is deployed or
    nothing. They know each other by names and not by exports, so that no stack holds back the change of another.

    settings: by default those in the context. flows: by default those in `settings.flow_defs`; synthesis ends with
    all their errors when one does not compile. elsewhere: names of flows that you put into a stack of your own, as
    `Flow(stack, name, flow=nightshift.compiled[name], settings=nightshift.settings)`.
    All other arguments are those of a Stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings | None = None,
        flows: Sequence[CompiledFlow] | None = None,
        elsewhere: Collection[str] = (),
        **stack: Any,
    ) -> None:
        self.settings = settings or Settings.of(scope.node)
        flows = compiled_flows(self.settings) if flows is None else flows
        self.compiled = {flow.name: flow for flow in flows}
        self.flows: dict[str, Flow] = {}
        if self.settings.stage:
            stage = find_stage(self.settings.stage)
            # Stages may lie in one account: each is a stack of its own, whatever the app calls it.
            stack.setdefault("stack_name", self.settings.app)
            stack.setdefault("env", Environment(account=stage.account, region=stage.region))
        stack.setdefault("description", "Automated operation of AWS by nightshift")
        own_tags = {tag["Key"]: tag["Value"] for tag in tags(self.settings.app)}
        super().__init__(scope, construct_id, **{**stack, "tags": own_tags | stack.get("tags", {})})
        check_region(self, self.settings, flows)
        shared = include(self, "Shared", self._shared() | self._functions(flows, elsewhere), conditions(flows))
        nested = self._nested(flow for flow in flows if flow.name not in elsewhere)
        # CfnInclude wants to know what a resource depends on, and the nested stacks come after.
        shared.get_resource(FLOWS_ENDED).add_override("DependsOn", [ROLE, *nested])
        self._outputs(flows)
        self._member_template(flows)
        set_tags(self, self.settings)

    def _shared(self) -> Resources:
        made: Resources = {}
        for resources in (
            results_bucket,
            table,
            key,
            operations_topic,
            dead_letters,
            state_machine_logs,
            schedule_group,
            backup,
        ):
            made |= resources(self.settings)
        return made

    def _functions(self, flows: Sequence[CompiledFlow], elsewhere: Collection[str]) -> Resources:
        settings = self.settings
        files = assets.code_files(settings.flow_defs)
        code = assets.code_asset(self, "Code", files)
        made: Resources = {"Layer": layer(settings, assets.layer_asset(self))}
        known = files | assets.catalogue_file(flows, settings)
        catalogued = assets.code_asset(self, "CatalogueCode", known)
        made |= part_functions(settings, flows, code, self._own_parts(flows, files))
        telling = alerts(settings, flows, catalogued, address(settings) if settings.dashboard else None)
        made |= tracker(settings, catalogued, alerts=bool(recipients(settings, flows))) | telling
        made |= retirement(settings, flows, elsewhere, code)
        if any(flow.asks_approval for flow in flows):
            page = address(settings) if settings.dashboard else None
            made |= approval(settings, code, page, reminds=any(flow.reminds for flow in flows))
        if settings.dashboard:
            made |= self._dashboard(flows, catalogued) | member_instances(settings, code)
        if gated := [flow for flow in flows if flow.options.gated]:
            own = files | assets.gate_file(rules(gated))
            made |= gate(settings, gated, assets.code_asset(self, "GateCode", own))
        alarmed = [flow for flow in flows if flow.options.on_alarm is not None]
        if each := per_instance(alarmed):
            own = files | assets.keeper_file(definitions(settings, each))
            made |= alarm_keeper(settings, assets.code_asset(self, "AlarmKeeperCode", own))
        if alarmed:
            own = files | assets.routes_file(routes(settings, alarmed))
            made |= alarm_receiver(settings, alarmed, assets.code_asset(self, "AlarmReceiverCode", own))
        return made

    def _own_parts(self, flows: Sequence[CompiledFlow], files: dict[str, bytes]) -> OwnParts | None:
        """What the functions of parts of one's own have; None when the flows use none."""
        if not {name for flow in flows for name in flow.parts} & set(own_parts()):
            return None
        code = assets.code_asset(self, "OwnPartsCode", files | assets.own_files(known_folders()))
        lock = packages_lock()
        if lock is None:
            return OwnParts(code)
        return OwnParts(code, assets.layer_asset(self, "OwnPartsLayerContent", lock, here=self.settings.runs_here))

    def _dashboard(self, flows: Sequence[CompiledFlow], code: Code) -> Resources:
        settings = self.settings
        dependencies = assets.layer_asset(self, "DashboardLayerContent", DASHBOARD_LOCK)
        content = assets.code_asset(self, "DashboardFilesCode", assets.page_files(settings.page))
        sign_in = sign_in_host(settings)
        config: dict[str, Json] = {"auth": "cognito", "authority": issuer(POOL), "domain": sign_in}
        if settings.company.sign_in:
            config["provider"] = settings.company.sign_in.name
        return {
            **dashboard_function(settings, flows, code, dependencies),
            **dashboard_api(settings, issuer(POOL), CLIENT),
            **users(settings, flows, address(settings), code),
            **page(settings, content, sign_in, config | {"client_id": ref(CLIENT)}),
        }

    def _nested(self, flows: Iterable[CompiledFlow]) -> list[str]:
        """Put the flows into nested stacks; the logical ids of these."""
        made = []
        for number, members in spread(flows).items():
            name = f"Flows{number:02}"
            nested = NestedStack(self, name, description=f"Flows of {self.settings.app}")
            for flow in members:
                self.flows[flow.name] = Flow(nested, flow.name, flow=flow, settings=self.settings)
            check_limits({flow.name: self.flows[flow.name].resources for flow in members})
            resource = nested.nested_stack_resource
            assert isinstance(resource, CfnStack), "a nested stack is a resource of its parent"
            # The id it has always had: another one would be another stack, and other state machines.
            resource.override_logical_id(name)
            resource.add_override("DependsOn", sorted(set().union(*(needed(self.settings, flow) for flow in members))))
            resource.tags.set_tag("nightshift:app", self.settings.app)
            made.append(name)
        return made

    def _outputs(self, flows: Sequence[CompiledFlow]) -> None:
        self._output("ResultsBucketName", "Results too large for a state", Fn.ref("ResultsBucket"))
        self._output("TableName", "Holds, runs, and who did what", Fn.ref("Table"))
        self._output("DeadLetterQueueUrl", "Starts that could not be delivered", Fn.ref("DeadLetterQueue"))
        self._output("OperationsTopicArn", "Alarms of nightshift itself: subscribe to it", Fn.ref("OperationsTopic"))
        if self.settings.dashboard:
            self._dashboard_outputs()
        listed = routes(self.settings, flows)
        own = {topic: flow.name for flow in flows if (topic := self.settings.alarm_topic(flow.name)) in listed}
        for topic, flow in sorted(own.items())[:_LISTED_TOPICS]:
            arn = Fn.sub(f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{topic}")
            self._output(f"AlarmTopic{flow.title().replace('_', '')}Arn", f"Alarm messages on it start {flow}", arn)

    def _member_template(self, flows: Sequence[CompiledFlow]) -> None:
        """Write the template for member accounts beside those of the app, and note its version."""
        template = member_template(self.settings, flows)
        assembly = Stage.of(self)
        if template and assembly is not None:
            file = Path(assembly.outdir, f"{self.settings.app}-member.template.json")
            file.write_text(json.dumps(template, indent=1), encoding="utf-8")
            self._output("MemberTemplateVersion", "Version of the template for member accounts", version(template))

    def _dashboard_outputs(self) -> None:
        url, domain = address(self.settings), self.settings.company.domain
        self._output("DashboardUrl", "The dashboard", url if isinstance(url, str) else Fn.sub(url["Fn::Sub"]))
        self._output("UserPoolId", "Its users", Fn.ref(POOL))
        if domain:
            target = Fn.get_att(DISTRIBUTION, "DomainName").to_string()
            self._output("DashboardAlias", f"What {domain.name} has to be an alias of", target)
        if domain and domain.sign_in:
            target = Fn.get_att(OWN_DOMAIN, "CloudFrontDistribution").to_string()
            self._output("SignInAlias", f"What {domain.sign_in} has to be an alias of", target)

    def _output(self, name: str, description: str, value: str) -> None:
        CfnOutput(self, name, description=description, value=value)


def compiled_flows(settings: Settings) -> list[CompiledFlow]:
    """The flows of the app; ends the program with all located errors when one does not compile."""
    try:
        if settings.stage:
            return find_stage(settings.stage).flows(settings.flow_defs)
        return load_flows(settings.flow_defs)
    except CompileErrors as errors:
        sys.exit(str(errors))
