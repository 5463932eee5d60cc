"""Backups of the table by AWS Backup, when the company asks for them; they outlive the table itself."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import KEEP, Json, Resources, arn, attribute, ref, role, statement, sub, tags

_VAULT, _PLAN, _ROLE = "BackupVault", "BackupPlan", "BackupRole"


def backup(settings: Settings) -> Resources:
    """The plan with what it needs; nothing when the context has no `backup`.

    A vault of the app's own stays when the stack is deleted: one that holds backups cannot be deleted ("Deleting
    backup vaults", AWS Backup Developer Guide).
    """
    wanted = settings.company.backup
    if wanted is None:
        return {}
    own_tags = {tag["Key"]: tag["Value"] for tag in tags(settings.app)}
    vault: Json = wanted.vault or ref(_VAULT)
    rule = {
        "RuleName": "table",
        "TargetBackupVault": vault,
        "ScheduleExpression": wanted.schedule,
        "Lifecycle": {"DeleteAfterDays": wanted.days},
        "RecoveryPointTags": own_tags,
    }
    return {
        **({} if wanted.vault else {_VAULT: _vault(settings, own_tags)}),
        _PLAN: {
            "Type": "AWS::Backup::BackupPlan",
            "Properties": {
                "BackupPlan": {"BackupPlanName": settings.app, "BackupPlanRule": [rule]},
                "BackupPlanTags": own_tags,
            },
        },
        _ROLE: role("backup", _statements(settings), description="Backs the table up", tags=tags(settings.app)),
        "BackupSelection": {
            "Type": "AWS::Backup::BackupSelection",
            "Properties": {
                "BackupPlanId": ref(_PLAN),
                "BackupSelection": {
                    "SelectionName": "table",
                    "IamRoleArn": attribute(_ROLE),
                    "Resources": [attribute("Table")],
                },
            },
        },
    }


def _vault(settings: Settings, own_tags: dict[str, str]) -> dict[str, Json]:
    key = {"EncryptionKeyArn": settings.company.key_arn} if settings.company.key_arn else {}
    return {
        "Type": "AWS::Backup::BackupVault",
        "Properties": {"BackupVaultName": settings.app, "BackupVaultTags": own_tags, **key},
        "DeletionPolicy": KEEP,
        "UpdateReplacePolicy": "Retain",
    }


def _statements(settings: Settings) -> list[dict[str, Json]]:
    """What AWS's own policy AWSBackupServiceRolePolicyForBackup says of DynamoDB, for this table alone."""
    wanted, key = settings.company.backup, settings.company.key_arn
    name = wanted.vault if wanted and wanted.vault else settings.app
    made = [
        statement(
            ["dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"], attribute("Table")
        ),
        statement("dynamodb:StartAwsBackupJob", attribute("Table")),
        statement(["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], {"Fn::Sub": "${Table.Arn}/backup/*"}),
        statement(["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], arn("backup", f"backup-vault:{name}")),
        statement(
            "backup:TagResource", sub("arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:recovery-point:*")
        ),
    ]
    if key:
        via = {
            "StringEquals": {
                "kms:ViaService": [sub(f"{s}.${{AWS::Region}}.amazonaws.com") for s in ("backup", "dynamodb")]
            }
        }
        made.append(statement(["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], key, condition=via))
    return made
