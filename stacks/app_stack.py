"""The app as one CloudFormation stack, with the flows in nested stacks below it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from aws_cdk import App, CfnOutput, CfnResource, Fn, Stack

from nightshift.errors import CompileErrors
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from stacks import assets
from stacks.alarm import routes
from stacks.alarm_keeper import alarm_keeper, definitions, per_instance
from stacks.alarm_receiver import alarm_receiver
from stacks.approval import LOGICAL_ID as APPROVAL_ID
from stacks.approval import approval
from stacks.cloudformation import Json, Resources, ref, tags
from stacks.dashboard import dashboard_api, dashboard_function, issuer
from stacks.flow_templates import flow_template, spread
from stacks.functions import layer
from stacks.gate import LOGICAL_ID as GATE_ID
from stacks.gate import gate, rules
from stacks.layer import DASHBOARD_LOCK
from stacks.operations import dead_letters, key, operations_topic, state_machine_logs
from stacks.page import address, page
from stacks.parts import part_functions, part_id
from stacks.results import results_bucket
from stacks.schedule import schedule_group
from stacks.settings import Settings
from stacks.state_machine import asks_approval
from stacks.table import table
from stacks.tracker import tracker
from stacks.users import CLIENT, POOL, sign_in_host, users

_LISTED_TOPICS = 100
"""How many alarm topics are put out by name; a template has room for 200 outputs."""


class NightshiftStack(Stack):
    """Everything of an app: what the flows share here, the flows themselves in nested stacks.

    One stack and nested ones, so that `cdk deploy` needs no list of stacks and either all of a change is deployed or
    nothing. They know each other by names and not by exports, so that no stack holds back the change of another.
    """

    def __init__(self, app: App, settings: Settings, flows: Sequence[CompiledFlow]) -> None:
        super().__init__(
            app,
            settings.prefix,
            description="Automated operation of AWS by nightshift",
            tags={tag["Key"]: tag["Value"] for tag in tags(settings.prefix)},
        )
        self._shared(settings)
        self._functions(settings, flows)
        self._flows(settings, flows)
        self._outputs(settings, flows)

    def _shared(self, settings: Settings) -> None:
        self._add(results_bucket(settings))
        self._add(table(settings))
        self._add(key(settings))
        self._add(operations_topic(settings))
        self._add(dead_letters(settings))
        self._add({"StateMachineLogs": state_machine_logs(settings), "ScheduleGroup": schedule_group(settings)})

    def _functions(self, settings: Settings, flows: Sequence[CompiledFlow]) -> None:
        files = assets.code_files(settings.flow_defs)
        self._add({"Layer": layer(settings, assets.layer_asset(self))})
        code = assets.code_asset(self, "Code", files)
        self._add(part_functions(settings, flows, code))
        self._add(tracker(settings, code))
        if any(asks_approval(flow) for flow in flows):
            self._add(approval(settings, code))
        if settings.dashboard:
            self._dashboard(settings, flows, files)
        gated = [flow for flow in flows if flow.options.gated]
        if gated:
            own = files | assets.gate_file(rules(gated))
            self._add(gate(settings, gated, assets.code_asset(self, "GateCode", own)))
        alarmed = [flow for flow in flows if flow.options.on_alarm is not None]
        if each := per_instance(alarmed):
            own = files | assets.keeper_file(definitions(settings, each))
            self._add(alarm_keeper(settings, assets.code_asset(self, "AlarmKeeperCode", own)))
        if alarmed:
            files |= assets.routes_file(routes(settings, alarmed))
            self._add(alarm_receiver(settings, alarmed, assets.code_asset(self, "AlarmReceiverCode", files)))

    def _dashboard(self, settings: Settings, flows: Sequence[CompiledFlow], files: Mapping[str, bytes]) -> None:
        own = {**files, **assets.catalogue_file(flows, settings.flow_defs)}
        dependencies = assets.layer_asset(self, "DashboardLayerContent", DASHBOARD_LOCK)
        self._add(dashboard_function(settings, flows, assets.code_asset(self, "DashboardCode", own), dependencies))
        self._add(dashboard_api(settings, issuer(POOL), CLIENT))
        self._add(users(settings, flows, address()))
        sign_in = sign_in_host(settings)
        config = {"auth": "cognito", "authority": issuer(POOL), "domain": sign_in, "client_id": ref(CLIENT)}
        content = assets.code_asset(self, "DashboardFilesCode", assets.page_files(settings.page))
        self._add(page(settings, content, sign_in, config))
        self._output("DashboardUrl", "The dashboard", Fn.sub(address()["Fn::Sub"]))
        self._output("UserPoolId", "Its users", Fn.ref(POOL))

    def _flows(self, settings: Settings, flows: Sequence[CompiledFlow]) -> None:
        for number, members in spread(flows).items():
            name = f"Flows{number:02}"
            url, file = assets.template_asset(self, name, flow_template(settings, members))
            needed = ["DeadLetterQueuePolicy", "KeyAlias", "ScheduleGroup", "StateMachineLogs"]
            needed += sorted({part_id(part) for flow in members for part in flow.parts})
            if any(flow.options.on_alarm is not None for flow in members):
                needed.append("AlarmReceiverPermission")
            if any(flow.options.gated for flow in members):
                needed.append(GATE_ID)
            if any(asks_approval(flow) for flow in members):
                needed.append(APPROVAL_ID)
            nested: dict[str, Json] = {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": url, "Tags": tags(settings.prefix)},
                "DependsOn": needed,
                # Where `cdk diff` finds the template.
                "Metadata": {"aws:asset:path": file, "aws:asset:property": "TemplateURL"},
            }
            self._add({name: nested})

    def _outputs(self, settings: Settings, flows: Sequence[CompiledFlow]) -> None:
        self._output("ResultsBucketName", "Results too large for a state", Fn.ref("ResultsBucket"))
        self._output("TableName", "Holds, runs, and who did what", Fn.ref("Table"))
        self._output("DeadLetterQueueUrl", "Starts that could not be delivered", Fn.ref("DeadLetterQueue"))
        self._output("OperationsTopicArn", "Alarms of nightshift itself: subscribe to it", Fn.ref("OperationsTopic"))
        own = [topic for topic in sorted(routes(settings, flows)) if not topic.startswith("arn:")]
        for topic in own[:_LISTED_TOPICS]:
            flow = topic.removeprefix(settings.alarm_topic(""))
            arn = Fn.sub(f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{topic}")
            self._output(f"AlarmTopic{flow.title().replace('_', '')}Arn", f"Alarm messages on it start {flow}", arn)

    def _output(self, name: str, description: str, value: str) -> None:
        CfnOutput(self, name, description=description, value=value)

    def _add(self, resources: Resources) -> None:
        """Add plain resources; generic CfnResource, because the typed constructs' modules take seconds to import."""
        for name, resource in resources.items():
            made = CfnResource(self, name, type=resource["Type"], properties=resource["Properties"])
            for attribute in resource.keys() - {"Type", "Properties"}:
                made.add_override(attribute, resource[attribute])


def compiled_flows(settings: Settings) -> list[CompiledFlow]:
    """The flows of the app; ends the program with all located errors when one does not compile."""
    try:
        return load_flows(settings.flow_defs)
    except CompileErrors as errors:
        sys.exit(str(errors))
