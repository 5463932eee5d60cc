"""The dashboard: the function behind its API, the API with its authorizer, and the alarm that says it fails."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.approval.waiting import WAITING
from lambdas.dashboard.deployment import MEMBER_EVENTS
from lambdas.prices import kept
from lambdas.store import member_instances, presets
from lambdas.tracker import keys, opened, queries, touched
from lambdas.tracker.record import STATES
from nightshift.model import CompiledFlow
from stacks.settings import Settings
from stacks.shared.operations import operations_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, arn, attribute, ref, statement, tags
from stacks.template.functions import Code, function, layer
from stacks.template.logs import log_group
from stacks.template.reach import executions, not_of_others, state_machines

FUNCTION, LAYER, API, ORIGIN_SECRET = "Dashboard", "DashboardLayer", "DashboardApi", "DashboardOriginSecret"

_ON_RUNS = [
    "states:DescribeExecution",
    "states:GetExecutionHistory",
    "states:RedriveExecution",
    "states:StopExecution",
]

_PER_SECOND, _BURST = 50, 100
"""Requests: a page asks for some every few seconds, and a control room has a few pages open."""


def dashboard_function(settings: Settings, flows: Sequence[CompiledFlow], code: Code, dependencies: Code) -> Resources:
    """The function that answers the API.

    code: the code asset with the catalogue of the flows in it. dependencies: the content of its own layer, which has
    what no other function needs.
    """
    secret = _origin_secret(settings)
    made: Resources = {
        **secret,
        LAYER: layer(settings, dependencies, name="dashboard", description="Dependencies of the dashboard's API"),
    }
    made |= function(
        settings,
        FUNCTION,
        "nightshift.dashboard",
        handler="lambdas.dashboard.app.handler",
        description="Answers the API of the dashboard",
        code=code,
        environment={
            "NIGHTSHIFT_TABLE": settings.table,
            **settings.names.environment(),
            "NIGHTSHIFT_ACCOUNT": ref("AWS::AccountId"),
            "NIGHTSHIFT_PARTITION": ref("AWS::Partition"),
            **({MEMBER_EVENTS: "true"} if settings.company.member_events else {}),
            **({"NIGHTSHIFT_ORIGIN_SECRET": ref(ORIGIN_SECRET)} if secret else {}),
        },
        statements=[
            table_statement("dynamodb:Query", ["AUDIT#*", "DAYS#*", "RUN#*"]),
            table_statement("dynamodb:BatchGetItem", ["MONTHS#*", "RUN#*"]),
            table_statement("dynamodb:Query", [f"{touched.RESOURCE}*", touched.KNOWN, touched.POWER]),
            table_statement("dynamodb:PutItem", ["AUDIT#*"]),
            table_statement(["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], [kept.PARTITION]),
            table_statement(["dynamodb:BatchGetItem", "dynamodb:PutItem"], [f"{queries.USUAL}*"]),
            table_statement(["dynamodb:DeleteItem", "dynamodb:Query"], [opened.OPEN]),
            table_statement(
                ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["FLOW#*"]
            ),
            table_statement(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["USER#*"]),
            table_statement(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"], ["GROUP#*"]),
            table_statement(["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"], [presets.PARTITION]),
            table_statement(
                ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["PROGRESS#*"]
            ),
            *_members(settings),
            *_lists(),
            *_approvals(settings, flows),
            statement("states:StartExecution", state_machines(settings, flows)),
            statement(_ON_RUNS, executions(settings)),
            not_of_others(settings, ["states:StartExecution", *_ON_RUNS]),
            statement(["ec2:DescribeInstances", "ec2:DescribeTags", "ec2:DescribeVolumes"]),
            _logs(settings),
            *([statement("secretsmanager:GetSecretValue", ref(ORIGIN_SECRET))] if secret else []),
        ],
        # API Gateway waits 30 seconds at most ("Quotas for configuring and running an HTTP API").
        timeout=29,
        # The processor comes with the memory, and pydantic is a lot to load.
        memory=1024,
        properties={"Layers": [ref("Layer"), ref(LAYER)]},
    )
    return made


def dashboard_api(settings: Settings, issuer: Json, client: str) -> Resources:
    """The HTTP API: every route asks for a token, and none for a browser of another site (no CORS).

    issuer: of the tokens. client: logical id of the app client they are for.
    """
    fields = {"requestId": "requestId", "ip": "identity.sourceIp", "route": "routeKey", "path": "path"}
    fields |= {"method": "httpMethod", "status": "status", "user": "authorizer.claims.username"}
    fields |= {"refused": "authorizer.error", "milliseconds": "responseLatency"}
    shown = ",".join(f'"{name}":"$context.{variable}"' for name, variable in fields.items())
    own_tags = {tag["Key"]: tag["Value"] for tag in tags(settings.app)}
    return {
        API: {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": settings.names.of("dashboard"),
                "Description": "The API of the dashboard of nightshift",
                "ProtocolType": "HTTP",
                "Tags": own_tags,
            },
        },
        f"{API}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": ref(API),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": attribute(FUNCTION),
                "PayloadFormatVersion": "2.0",
            },
        },
        f"{API}Authorizer": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": ref(API),
                "Name": "users",
                "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": {"Issuer": issuer, "Audience": [ref(client)]},
            },
        },
        f"{API}Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": ref(API),
                "RouteKey": "ANY /api/{proxy+}",
                "AuthorizationType": "JWT",
                "AuthorizerId": ref(f"{API}Authorizer"),
                "Target": {"Fn::Sub": f"integrations/${{{API}Integration}}"},
            },
        },
        f"{API}Logs": log_group(settings, f"/aws/vendedlogs/apis/{settings.names.of('dashboard')}", tags(settings.app)),
        f"{API}Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": ref(API),
                "StageName": "$default",
                "AutoDeploy": True,
                "AccessLogSettings": {"DestinationArn": attribute(f"{API}Logs"), "Format": f"{{{shown}}}"},
                "DefaultRouteSettings": {"ThrottlingRateLimit": _PER_SECOND, "ThrottlingBurstLimit": _BURST},
                "Tags": own_tags,
            },
        },
        f"{API}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref(FUNCTION),
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": sub_api("*/*/api/*"),
            },
        },
        "DashboardErrors": operations_alarm(
            settings,
            "dashboard-errors",
            "The dashboard's API fails: look at the log of its function",
            namespace="AWS/ApiGateway",
            metric="5xx",
            dimensions={"ApiId": ref(API)},
        ),
    }


def _origin_secret(settings: Settings) -> Resources:
    """What CloudFront shows the API; nothing where anybody with a token may ask it. It changes when it is deleted."""
    if not settings.company.api_through_cloudfront_only:
        return {}
    key = {"KmsKeyId": settings.company.key_arn} if settings.company.key_arn else {}
    return {
        ORIGIN_SECRET: {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {
                "Description": f"What CloudFront shows the dashboard's API of {settings.app}",
                "GenerateSecretString": {"ExcludePunctuation": True, "PasswordLength": 48},
                "Tags": tags(settings.app),
                **key,
            },
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
        }
    }


def issuer(pool: str) -> Json:
    """Who issues the tokens of a user pool ("Verifying JSON web tokens", Amazon Cognito Developer Guide)."""
    return {"Fn::Sub": f"https://cognito-idp.${{AWS::Region}}.${{AWS::URLSuffix}}/${{{pool}}}"}


def sub_api(path: str) -> Json:
    """The ARN of routes of the API, as API Gateway names them to the function."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{API}}}/{path}"}


def _approvals(settings: Settings, flows: Sequence[CompiledFlow]) -> list[dict[str, Json]]:
    """Lets the function read the questions that wait, decide them, and hand the answer to the flows that ask.

    IAM asks for SendTaskSuccess about the state machine whose task it is, which the Service Authorization Reference
    does not say and the error of a refused call does.
    """
    items = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    asking = state_machines(settings, (flow for flow in flows if flow.asks_approval))
    return [table_statement(items, [WAITING]), *([statement("states:SendTaskSuccess", asking)] if asking else [])]


def _members(settings: Settings) -> list[dict[str, Json]]:
    """What the fleet page reads of member accounts; nothing where they do not forward it."""
    read = table_statement(["dynamodb:GetItem", "dynamodb:Query"], [member_instances.PARTITION])
    return [read] if settings.company.member_events else []


def _logs(settings: Settings) -> dict[str, Json]:
    """The logs of the app's functions; by the tag, since "ops-*" is also like what an app "ops-test" has.

    Source: "Actions, resources, and condition keys for Amazon CloudWatch Logs" (Service Authorization Reference).
    """
    group = f"log-group:/aws/lambda/{settings.names.of('*')}"
    # The reference has it without the streams behind it, and CloudWatch Logs asks for them, too.
    return statement(
        "logs:FilterLogEvents",
        [arn("logs", group), arn("logs", f"{group}:*")],
        condition={"StringEquals": {"aws:ResourceTag/nightshift:app": settings.app}},
    )


def _lists() -> list[dict[str, Json]]:
    """Lets the function read the tracker's lists, each from its index."""
    by_index: dict[str, set[str]] = {}
    for flow in (None, "*"):
        for state in (None, *STATES):
            index, partition = keys.list_of(flow, state)
            by_index.setdefault(index, set()).add(partition)
    return [
        table_statement("dynamodb:Query", sorted(partitions), indexes=[index])
        for index, partitions in sorted(by_index.items())
    ]
