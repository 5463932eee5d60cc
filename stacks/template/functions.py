"""A Lambda function with its role and log group, as every function of nightshift has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nightshift.views.iam import function_statements
from stacks.settings import Settings
from stacks.template.cloudformation import Json, Resources, attribute, role, tags
from stacks.template.key import key_statements
from stacks.template.layer import ARCHITECTURE, PYTHON
from stacks.template.logs import log_group
from stacks.template.permissions import substituted
from stacks.template.vpc import vpc_properties, vpc_statements


@dataclass(frozen=True)
class Code:
    """Where the code of a function is, as AWS::Lambda::Function.Code."""

    bucket: str
    key: str

    def location(self) -> dict[str, str]:
        """S3 bucket and key, as Lambda's resources take them."""
        return {"S3Bucket": self.bucket, "S3Key": self.key}


def layer(
    settings: Settings,
    content: Code,
    *,
    name: str = "",
    description: str = "Dependencies of the functions of nightshift",
) -> dict[str, Json]:
    """A layer with dependencies: that of all functions, or a further one with a name of its own."""
    return {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "LayerName": settings.names.of(name) if name else settings.app,
            "Description": description,
            "CompatibleArchitectures": [ARCHITECTURE],
            "CompatibleRuntimes": [f"python{PYTHON}"],
            "Content": content.location(),
        },
    }


def function(
    settings: Settings,
    logical_id: str,
    name: str,
    *,
    handler: str,
    description: str,
    code: Code,
    environment: Mapping[str, Json],
    statements: Iterable[dict[str, Json]],
    timeout: int,
    memory: int,
    properties: Mapping[str, Json] | None = None,
    role_name: Json = None,
) -> Resources:
    """A function, its role and its log group.

    name: what `Settings.function` takes. timeout: seconds of one invocation. memory: MB.
    role_name: that of its role; by default CloudFormation chooses one.
    properties: more properties of AWS::Lambda::Function.
    """
    function_name = settings.function(name)
    tagged = tags(settings.app, function=name)
    statements = list(statements)
    own = substituted(function_statements(function_name))
    own += key_statements(settings, statements) + vpc_statements(settings, function_name)
    return {
        f"{logical_id}Logs": log_group(settings, f"/aws/lambda/{function_name}", tagged),
        f"{logical_id}Role": role(
            "lambda",
            [*statements, *own],
            description=f"Role of the function {function_name}",
            tags=tagged,
            name=role_name,
        ),
        logical_id: {
            "Type": "AWS::Lambda::Function",
            "DependsOn": [f"{logical_id}Logs"],
            "Properties": {
                "FunctionName": function_name,
                "Description": description[:256],
                "Runtime": f"python{PYTHON}",
                "Architectures": [ARCHITECTURE],
                "Handler": handler,
                "Code": code.location(),
                "Layers": [{"Ref": "Layer"}],
                "Role": attribute(f"{logical_id}Role"),
                "Timeout": timeout,
                "MemorySize": memory,
                "TracingConfig": {"Mode": "Active"},
                "Environment": {
                    "Variables": {
                        "POWERTOOLS_SERVICE_NAME": name,
                        "POWERTOOLS_METRICS_NAMESPACE": settings.app,
                        "POWERTOOLS_LOG_LEVEL": "INFO",
                        **environment,
                        **settings.company.environment(),
                        **settings.lambda_environment,
                    }
                },
                "Tags": tagged,
                **vpc_properties(settings),
                **(properties or {}),
            },
        },
    }
