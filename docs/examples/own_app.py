"""A company's CDK app: nightshift beside a database, under the company's rules."""

import jsii
from aws_cdk import App, Aspects, CfnResource, IAspect, Stack, Tags, aws_cloudwatch
from constructs import IConstruct

from stacks.app_stack import NightshiftStack
from stacks.flow import Flow


@jsii.implements(IAspect)
class CompanyRules:
    """Every role has the company's permissions boundary."""

    def visit(self, node: IConstruct) -> None:
        if CfnResource.is_cfn_resource(node) and node.cfn_resource_type == "AWS::IAM::Role":
            node.add_property_override("PermissionsBoundary", "arn:aws:iam::123456789012:policy/company")


app = App()
nightshift = NightshiftStack(app, "operations", elsewhere=["nightly_backup"])

# A flow in a stack of your own, beside what belongs to it.
database = Stack(app, "database")
database.add_stack_dependency(nightshift)
backup = Flow(database, "backup", flow=nightshift.compiled["nightly_backup"], settings=nightshift.settings)
aws_cloudwatch.CfnAlarm(
    database,
    "BackupFailed",
    namespace="AWS/States",
    metric_name="ExecutionsFailed",
    dimensions=[{"name": "StateMachineArn", "value": backup.state_machine.attr_arn}],
    statistic="Sum",
    period=300,
    evaluation_periods=1,
    threshold=1,
    comparison_operator="GreaterThanOrEqualToThreshold",
)

Aspects.of(app).add(CompanyRules())
Tags.of(app).add("cost-center", "4711")
Tags.of(nightshift.flows["evening_stop"]).add("team", "web")
app.synth()
