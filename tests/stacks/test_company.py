"""What a company decides reaches all that it is about and is judged like the rest; without it nothing changes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from lambdas.parts import all_parts
from nightshift.project import load_flows
from stacks.app_stack import NightshiftStack
from stacks.company.company import NAMES, Company
from stacks.dashboard.sign_in import check_operators, provider
from stacks.settings import Settings
from stacks.template.functions import Code
from tests.stacks.company import CERTIFICATE, CONTEXT, KEY, company
from tests.stacks.conftest import ROOT, Synthesized, every_flow, everything, synthesized
from tests.stacks.policies import Grant, faults, of_app, wildcards
from tests.stacks.test_constructs import taggable, tags
from tests.stacks.test_lint import CLASSIC, OTHERS
from tests.stacks.test_lint import findings as lint_findings
from tests.stacks.test_nag import WILDCARD
from tests.stacks.test_nag import findings as nag_findings
from tests.stacks.test_reference import LISTED, named

HERE = "${AWS::Region}:${AWS::AccountId}"
ARN = "arn:${AWS::Partition}"

OIDC = {"name": "Company", "issuer": "https://idp.example.com", "client_id": "nightshift", "secret": "idp/nightshift"}

WILDCARDS = {
    "Lambda names them when it makes them; the function's own code is denied them.": {
        (f"ec2:{action}", f"{ARN}:ec2:{HERE}:network-interface/*")
        for action in (
            "AssignPrivateIpAddresses",
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "UnassignPrivateIpAddresses",
        )
    },
    "They read, and IAM takes no resource for them.": {
        ("ec2:DescribeNetworkInterfaces", "*"),
        ("ec2:DescribeSubnets", "*"),
    },
    "The backups of the table, whose names DynamoDB and AWS Backup make.": {
        ("dynamodb:DeleteBackup", "${Table.Arn}/backup/*"),
        ("dynamodb:DescribeBackup", "${Table.Arn}/backup/*"),
        ("backup:TagResource", f"{ARN}:backup:{HERE}:recovery-point:*"),
    },
    "Subnets and groups by their ids, whichever account shares them.": {
        ("ec2:CreateNetworkInterface", f"{ARN}:ec2:${{AWS::Region}}:*:{kind}")
        for kind in (
            "subnet/subnet-0123456789abcdef0",
            "subnet/subnet-0123456789abcdef1",
            "security-group/sg-01234567",
        )
    },
}
"""Reason -> the wildcards that only a company's settings bring, besides those of wildcards.py."""


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The app of everything, for a company that has decided everything."""
    folder = tmp_path_factory.mktemp("assembly")
    cdk = App(outdir=str(folder), context={"aws:cdk:enable-asset-metadata": True})
    everything(cdk, tmp_path_factory.mktemp("page"), company=company())
    cdk.synth()
    return synthesized(folder)


def resources(app: Synthesized) -> dict[str, dict[str, Any]]:
    """All resources by logical id."""
    return {name: r for template in (app.template, *app.nested.values()) for name, r in template["Resources"].items()}


def test_the_context_has_a_setting_for_each() -> None:
    assert set(CONTEXT) == set(NAMES)
    as_text = {name: value if isinstance(value, str) else json.dumps(value) for name, value in CONTEXT.items()}
    assert Settings.of(App(context=as_text).node).company == company()


def test_the_page_shows_every_setting_and_takes_what_it_shows() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("```json\n")[2].partition("```")[0])["context"]
    assert set(shown) == {*NAMES, "suffix"}
    assert Settings.of(App(context=shown).node).company.key_arn == shown["key_arn"]
    statements = json.loads(page.partition("IAM decide:\n\n```json\n")[2].partition("```")[0])
    assert all(statement["Effect"] == "Allow" and statement["Condition"] for statement in statements)


def test_who_decides_nothing_pays_for_nothing(app: Synthesized) -> None:
    """That the templates are those of the last release is held by test_release.py."""
    before = "".join(file.read_text() for file in app.files)
    for trace in ('"VpcConfig"', '"HTTPS_PROXY"', '"NIGHTSHIFT_HOME_ENDPOINTS"', '"EncryptionConfiguration"'):
        assert trace not in before
    assert "AWS::Backup" not in before
    assert '"aws:kms"' not in before
    assert Settings().company == Company()


def test_the_linter_finds_nothing(decided: Synthesized) -> None:
    assert lint_findings(decided.files, CLASSIC) == ""


@pytest.mark.parametrize(
    ("changed", "regions"),
    [
        pytest.param(
            {
                "sign_in": OIDC,
                "domain": CONTEXT["domain"] | {"sign_in_certificate": f"{CERTIFICATE}-2"},
                "@aws-cdk/core:permissionsBoundary": {"arn": "arn:aws:iam::123456789012:policy/company"},
                "log_retention": "365",
                "suffix": "prod",
                "deletion_protection": "true",
            },
            ["us-east-1", "eu-central-2"],
            id="otherwise",
        ),
        pytest.param(
            dict.fromkeys(("sign_in", "rotate_refresh_tokens", "domain", "web_acl_arn", "api_through_cloudfront_only"))
            | {"dashboard": "false", "key_arn": KEY.replace("arn:aws:kms:eu-west-1", "arn:aws-cn:kms:cn-north-1")},
            OTHERS,
            id="other-partitions",
        ),
    ],
)
def test_the_linter_finds_nothing_in_what_else_can_be_decided(
    changed: dict[str, Any], regions: list[str], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("page", encoding="utf-8")
    decided = {name: value for name, value in (CONTEXT | changed).items() if value is not None}
    cdk = App(outdir=str(tmp_path / "out"), context={**decided, "page": str(tmp_path)})
    NightshiftStack(cdk, "ops", flows=load_flows(ROOT / "flow_defs"))
    cdk.synth()
    assert lint_findings((tmp_path / "out").glob("*.template.json"), regions) == ""


def test_the_reference_knows_all_that_the_roles_may_do(decided: Synthesized) -> None:
    assert list(faults(of_app(decided))) == []
    found = {named(grant) for grant in wildcards(decided)} - LISTED.keys()
    assert found == set().union(*WILDCARDS.values())


def test_nag_finds_nothing_more(
    app: Synthesized, decided: Synthesized, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before, after = (nag_findings(tmp_path_factory.mktemp("nag"), given) for given in (None, company()))
    assert {rule for rule in after - before if not WILDCARD.fullmatch(rule)} == {
        # The runtime is that of every function (test_nag.py).
        "AwsSolutions-L1 MemberInstances",
        "AwsSolutions-L1 SignInGroups",
        # CloudFront and the API have the secret of each other, and know of no other; deleting it makes a new one.
        "AwsSolutions-SMG4 DashboardOriginSecret",
    }


def test_the_key_is_that_of_all_that_is_kept(decided: Synthesized) -> None:
    kept: dict[str, list[Any]] = {}
    for resource in resources(decided).values():
        properties = resource["Properties"]
        found = {
            "AWS::DynamoDB::Table": lambda p: p["SSESpecification"]["KMSMasterKeyId"],
            "AWS::S3::Bucket": lambda p: p["BucketEncryption"]["ServerSideEncryptionConfiguration"][0][
                "ServerSideEncryptionByDefault"
            ]["KMSMasterKeyID"],
            "AWS::Logs::LogGroup": lambda p: p["KmsKeyId"],
            "AWS::SNS::Topic": lambda p: p["KmsMasterKeyId"],
            "AWS::SQS::Queue": lambda p: p["KmsMasterKeyId"],
            "AWS::StepFunctions::StateMachine": lambda p: p["EncryptionConfiguration"]["KmsKeyId"],
            "AWS::Backup::BackupVault": lambda p: p["EncryptionKeyArn"],
        }.get(resource["Type"])
        if found:
            kept.setdefault(resource["Type"], []).append(found(properties))
    assert len(kept) == 7
    assert {key for keys in kept.values() for key in keys} == {KEY}
    assert "AWS::KMS::Key" not in Counter(r["Type"] for r in resources(decided).values())


def kms(app: Synthesized, role: str) -> dict[str, set[str]]:
    """By way of which service a role may do what with the key."""
    (policy,) = resources(app)[role]["Properties"]["Policies"]
    made: dict[str, set[str]] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        if statement["Resource"] == KEY:
            (service,) = statement["Condition"]["StringEquals"].values()
            service = service["Fn::Sub"].partition(".")[0] if isinstance(service, dict) else "states"
            made.setdefault(service, set()).update(statement["Action"])
    return made


def test_each_role_may_use_the_key_for_what_it_may_do_anyway(decided: Synthesized) -> None:
    read, write = {"kms:Decrypt"}, {"kms:Decrypt", "kms:GenerateDataKey"}
    table = write | {"kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
    assert kms(decided, "GateRole") == {"dynamodb": table, "states": read}
    assert kms(decided, "AlarmReceiverRole") == {"dynamodb": table, "sqs": write, "states": write}
    assert kms(decided, "AlarmKeeperRole") == {}
    assert kms(decided, "DashboardRole") == {"dynamodb": table, "secretsmanager": read, "states": write}
    assert kms(decided, "DashboardFilesRole") == {"s3": write}
    assert kms(decided, "ApprovalRole") == {"dynamodb": table, "states": read}
    parts = [name for name in resources(decided) if name.startswith("Part") and name.endswith("Role")]
    # What calls any operation of AWS has a role for each service of a flow.
    calls = {name for flow in every_flow() for name in flow.grants}
    assert len(parts) == len(all_parts().keys() | calls)
    assert all(kms(decided, part)["s3"] == write for part in parts)
    (schedule,) = [n for n in resources(decided) if n.startswith("NightlyBackupScheduleRole")]
    assert kms(decided, schedule) == {"sqs": write, "states": write}
    (machine,) = [n for n in resources(decided) if n.startswith("NightlyBackupRole")]
    assert kms(decided, machine) == {"states": write}


def test_the_functions_are_in_the_subnets_and_behind_the_proxy(decided: Synthesized) -> None:
    functions = decided.resources("AWS::Lambda::Function")
    assert len(functions) > 30
    for function in functions:
        properties = function["Properties"]
        assert properties["VpcConfig"] == {
            "SubnetIds": CONTEXT["vpc"]["subnets"],
            "SecurityGroupIds": CONTEXT["vpc"]["security_groups"],
        }
        variables = properties["Environment"]["Variables"]
        assert variables["HTTPS_PROXY"] == CONTEXT["proxy"]
        assert variables["NO_PROXY"].startswith("localhost,127.0.0.1,169.254.0.0/16,s3.eu-west-1")
        assert variables["AWS_ENDPOINT_URL_EC2"] == CONTEXT["endpoints"]["ec2"]
        assert variables["AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"] == CONTEXT["endpoints"]["elbv2"]
        assert variables["NIGHTSHIFT_HOME_ENDPOINTS"] == "ec2 elbv2"


def test_the_code_of_a_function_may_not_do_what_lambda_may(decided: Synthesized) -> None:
    of_role = [grant for grant in of_app(decided) if grant.role == "GateRole" and "NetworkInterface" in grant.action]
    denied = {grant.action for grant in of_role if grant.effect == "Deny"}
    allowed = {grant.action for grant in of_role if grant.effect == "Allow"}
    assert allowed == denied
    assert {grant.keys for grant in of_role if grant.effect == "Deny"} == {frozenset(["lambda:SourceFunctionArn"])}
    subnet = f"{ARN}:ec2:${{AWS::Region}}:*:subnet/subnet-0123456789abcdef0"
    assert Grant("GateRole", "Allow", "ec2:CreateNetworkInterface", subnet) in of_role


def test_everything_that_takes_tags_has_the_companys(decided: Synthesized) -> None:
    tagged = [resource for resource in resources(decided).values() if taggable(resource["Type"])]
    assert [r["Type"] for r in tagged if CONTEXT["tags"].items() - tags(r).items()] == []
    assert len(tagged) > 100


def test_the_table_is_backed_up(decided: Synthesized) -> None:
    (plan,), (selection,) = (decided.resources(f"AWS::Backup::Backup{kind}") for kind in ("Plan", "Selection"))
    (rule,) = plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert (rule["Lifecycle"], rule["ScheduleExpression"]) == ({"DeleteAfterDays": 35}, "cron(0 5 * * ? *)")
    assert selection["Properties"]["BackupSelection"]["Resources"] == [{"Fn::GetAtt": ["Table", "Arn"]}]
    (vault,) = decided.resources("AWS::Backup::BackupVault")
    assert vault["DeletionPolicy"] == "RetainExceptOnCreate"


def test_the_company_signs_in_beside_the_local_users(decided: Synthesized) -> None:
    (pool,), (client,), (provider,) = (
        decided.resources(f"AWS::Cognito::UserPool{kind}") for kind in ("", "Client", "IdentityProvider")
    )
    assert provider["Properties"]["ProviderType"] == "SAML"
    assert client["Properties"]["SupportedIdentityProviders"] == ["COGNITO", "Company"]
    assert set(provider["Properties"]["AttributeMapping"]) <= set(client["Properties"]["WriteAttributes"])
    trigger = pool["Properties"]["LambdaConfig"]["PreTokenGenerationConfig"]
    assert trigger == {"LambdaArn": {"Fn::GetAtt": ["SignInGroups", "Arn"]}, "LambdaVersion": "V2_0"}
    # Cognito refuses the old flow beside rotation.
    assert client["Properties"]["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in client["Properties"]["ExplicitAuthFlows"]
    assert client["Properties"]["CallbackURLs"] == ["https://operations.example.com/"]
    (content,) = decided.resources("Custom::StaticFiles")
    config = content["Properties"]["Config"]
    assert (config["provider"], config["domain"]) == ("Company", "login.example.com")


def test_the_client_secret_of_oidc_is_in_no_template() -> None:
    made = provider(Settings(company=company(sign_in=OIDC)), "UserPool", Code("bucket", "key"))
    details = made["UserPoolProvider"]["Properties"]["ProviderDetails"]
    assert details["client_secret"] == "{{resolve:secretsmanager:idp/nightshift:SecretString}}"


def test_groups_are_those_that_flows_name() -> None:
    with pytest.raises(ValueError, match="'Ops-Admins' becomes 'admin', which no flow names"):
        check_operators(Settings(company=company()), ["service-desk"])


def test_the_dashboard_has_the_companys_name_firewall_and_secret(decided: Synthesized) -> None:
    (distribution,) = decided.resources("AWS::CloudFront::Distribution")
    config = distribution["Properties"]["DistributionConfig"]
    assert (config["Aliases"], config["WebACLId"]) == (["operations.example.com"], CONTEXT["web_acl_arn"])
    (api,) = [origin for origin in config["Origins"] if origin["Id"] == "api"]
    (header,) = api["OriginCustomHeaders"]
    assert header["HeaderName"] == "x-nightshift-origin"
    assert header["HeaderValue"] == {"Fn::Sub": "{{resolve:secretsmanager:${DashboardOriginSecret}:SecretString}}"}
    with pytest.raises(ValueError, match="context sign_in is about the dashboard, which is left out"):
        Settings(dashboard=False, company=company())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key_arn": "alias/company"}, "context key_arn is 'alias/company'; write the ARN of a key"),
        ({"tags": "team=web"}, "context tags is 'team=web'; write a JSON object"),
        ({"tags": {"aws:team": "web"}}, "'aws:team' cannot be a key"),
        ({"tags": {"team": 1}}, "context tags: team is 1; write at most 256"),
        ({"backup": {"days": 0}}, "context backup: days is 0; write 1 to 36500"),
        ({"backup": {"days": 1, "every": "day"}}, "context backup has 'every'; it takes days, schedule, vault"),
        ({"backup": {"days": 1, "schedule": "daily"}}, "context backup: schedule is 'daily'"),
        ({"vpc": {"subnets": ["subnet-01234567"]}}, "context vpc: security_groups has 0 entries; write 1 to 5"),
        ({"vpc": {"subnets": ["vpc-1"], "security_groups": ["sg-01234567"]}}, "context vpc: subnets is 'vpc-1'"),
        ({"proxy": "proxy.example.com"}, "context proxy is 'proxy.example.com'; write its address"),
        ({"proxy": "http://me:hunter2@proxy.example.com"}, "context proxy has a user name in it"),
        ({"proxy": None}, "context no_proxy says what is reached without the proxy, and there is none"),
        ({"no_proxy": ["http://x y"]}, "context no_proxy is 'http://x y'"),
        ({"sign_in": {"name": "Company"}}, "context sign_in: write metadata for SAML, or issuer, client_id and secret"),
        ({"sign_in": {"name": "C"}}, "context sign_in: name is 'C'; write 3 to 32"),
        ({"domain": {"name": "ops.example.com", "certificate": KEY}}, "certificate in us-east-1, where CloudFront"),
        ({"web_acl_arn": "company"}, "context web_acl_arn is 'company'; write the ARN of a web ACL"),
        ({"rotate_refresh_tokens": "yes"}, "context rotate_refresh_tokens is 'yes'; write true or false"),
        ({"endpoints": {"ec3": "https://x"}}, "context endpoints names 'ec3'"),
        ({"endpoints": {"ec2": "vpce-1"}}, "context endpoints: ec2 is 'vpce-1'; write an address"),
    ],
)
def test_what_aws_would_refuse_is_refused_with_the_reason(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="context") as refused:
        company(**changed)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)
