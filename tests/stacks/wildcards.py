"""The wildcards in the resources of the app's roles: each by its actions, with the reason why it stands."""

from __future__ import annotations

ARN = "arn:${AWS::Partition}"
HERE = "${AWS::Region}:${AWS::AccountId}"
OWN = "*:${AWS::AccountId}"

SELECTED = "The resources that a flow names, or selects by tag, when it runs."
CREATED = "It gets its id when it is created; a condition asks for the tag of the flow in the same request."
OF_A_FLOW = "Only those that carry the tag of a flow, by a condition."
GRANTED = "Grants on the keys of what a flow starts, launches or copies, for services of AWS alone."
COPIED = "The keys of what a flow names; a condition keeps it to what EC2 asks for, or to the key of EBS itself."
PASSED = "The roles of the instances and the tasks that a flow names; a condition keeps them to EC2 and ECS."
BUCKETS = "The buckets that a flow names; a condition keeps it to those of this account."

WILDCARDS: dict[str, dict[str, tuple[str, ...]]] = {
    "They read, and IAM takes no resource for them.": {
        "*": (
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeInstanceRefreshes",
            "autoscaling:DescribeScalingActivities",
            "cloudformation:DescribeStackDriftDetectionStatus",
            "batch:DescribeJobDefinitions",
            "batch:DescribeJobQueues",
            "batch:DescribeJobs",
            "batch:ListJobs",
            "cloudformation:GetTemplateSummary",
            "cloudformation:ValidateTemplate",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstances",
            "ec2:DescribeSnapshotTierStatus",
            "ec2:DescribeSnapshots",
            "ec2:DescribeTags",
            "ec2:DescribeVolumes",
            "ec2:DescribeVolumesModifications",
            "ec2:ListImagesInRecycleBin",
            "ec2:ListSnapshotsInRecycleBin",
            "ecs:DescribeTaskDefinition",
            "ecs:ListServices",
            "elasticloadbalancing:DescribeInstanceHealth",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "organizations:ListAccounts",
            "organizations:ListRoots",
            "pricing:GetProducts",
            "ssm:DescribeInstanceInformation",
            "ssm:DescribeInstancePatchStatesForPatchGroup",
            "ssm:ListCommandInvocations",
            "ssm:ListCommands",
            "states:ListStateMachines",
        )
    },
    "They read all there is: the stacks of a selection, and the alarms that the keeper compares.": {
        "*": ("cloudformation:DescribeStacks", "cloudwatch:DescribeAlarms")
    },
    "The units of the organization, which are in its management account and known by name until a run.": {
        f"{ARN}:organizations::*:ou/o-*/ou-*": (
            "organizations:ListAccountsForParent",
            "organizations:ListOrganizationalUnitsForParent",
        ),
        f"{ARN}:organizations::*:root/o-*/r-*": (
            "organizations:ListAccountsForParent",
            "organizations:ListOrganizationalUnitsForParent",
        ),
    },
    "A change gets its id when it is made.": {f"{ARN}:route53:::change/*": ("route53:GetChange",)},
    "An automation gets its id when it is started.": {
        f"{ARN}:ssm:{OWN}:automation-execution/*": ("ssm:GetAutomationExecution", "ssm:StartAutomationExecution")
    },
    "A command is known by its id alone; IAM takes no resource for it.": {"*": ("ssm:CancelCommand",)},
    "The logs and traces of a state machine and a function; IAM takes no resource for them.": {
        "*": (
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        )
    },
    "The streams of the function's own log group.": {
        f"{ARN}:logs:{HERE}:log-group:/aws/lambda/FUNCTION:*": ("logs:CreateLogStream", "logs:PutLogEvents")
    },
    "The objects of the results bucket, which the functions name by run.": {
        "${ResultsBucket.Arn}/*": ("s3:GetObject", "s3:PutObject")
    },
    "The files of the page.": {"${DashboardBucket.Arn}/*": ("s3:DeleteObject", "s3:PutObject")},
    "The runs of one called flow.": {
        f"{ARN}:states:{HERE}:execution:FLOW:*": ("states:DescribeExecution", "states:StopExecution")
    },
    "The runs of the app's flows, whose state is read, and which users of the dashboard stop and redrive.": {
        f"{ARN}:states:{HERE}:execution:nightshift-*:*": (
            "states:DescribeExecution",
            "states:GetExecutionHistory",
            "states:RedriveExecution",
            "states:StopExecution",
        )
    },
    "The logs of the app's functions, which the dashboard shows by run and step; a condition asks for the app's tag.": {
        f"{ARN}:logs:{HERE}:log-group:/aws/lambda/nightshift-*": ("logs:FilterLogEvents",),
        f"{ARN}:logs:{HERE}:log-group:/aws/lambda/nightshift-*:*": ("logs:FilterLogEvents",),
    },
    "The flows of the app, whose runs the tracker looks for.": {
        f"{ARN}:states:{HERE}:stateMachine:nightshift-*": ("states:ListExecutions",)
    },
    "The items of the Distributed Maps of the app's flows, each an execution of its own.": {
        f"{ARN}:states:{HERE}:mapRun:nightshift-*/*:*": ("states:ListExecutions",)
    },
    "The alarms that the keeper makes of instances, by what their names begin with.": {
        f"{ARN}:cloudwatch:{HERE}:alarm:nightshift/*": (
            "cloudwatch:DeleteAlarms",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
        )
    },
    "What SES asks about besides the sender's identity; a condition keeps approvals to the sender's address.": {
        f"{ARN}:ses:{where}:{kind}/*": ("ses:SendEmail",)
        for where in (HERE, OWN)
        for kind in ("configuration-set", "identity")
    },
    SELECTED: {
        f"{ARN}:autoscaling:{OWN}:autoScalingGroup:*:autoScalingGroupName/*": (
            "autoscaling:CreateOrUpdateTags",
            "autoscaling:DeleteTags",
            "autoscaling:EnterStandby",
            "autoscaling:ExitStandby",
            "autoscaling:ResumeProcesses",
            "autoscaling:StartInstanceRefresh",
            "autoscaling:SuspendProcesses",
            "autoscaling:UpdateAutoScalingGroup",
        ),
        f"{ARN}:batch:{OWN}:job-definition/*": ("batch:SubmitJob",),
        f"{ARN}:batch:{OWN}:job-queue/*": ("batch:SubmitJob",),
        f"{ARN}:batch:{OWN}:job/*": ("batch:SubmitJob", "batch:TerminateJob"),
        f"{ARN}:glue:{OWN}:job/*": (
            "glue:BatchStopJobRun",
            "glue:GetJob",
            "glue:GetJobRun",
            "glue:GetJobRuns",
            "glue:StartJobRun",
        ),
        f"{ARN}:cloudformation:{OWN}:stack/*/*": (
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DeleteStack",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResourceDrifts",
            "cloudformation:DescribeStacks",
            "cloudformation:DetectStackDrift",
            "cloudformation:ExecuteChangeSet",
        ),
        f"{ARN}:ec2:{OWN}:*/*": ("ec2:CreateTags",),
        f"{ARN}:ec2:{OWN}:instance/*": (
            "ec2:AttachVolume",
            "ec2:CreateImage",
            "ec2:CreateSnapshots",
            "ec2:DescribeInstanceAttribute",
            "ec2:DetachVolume",
            "ec2:ModifyInstanceAttribute",
            "ec2:RebootInstances",
            "ec2:StartInstances",
            "ec2:StopInstances",
            "ssm:SendCommand",
        ),
        f"{ARN}:ec2:{OWN}:volume/*": (
            "ec2:AttachVolume",
            "ec2:CreateSnapshot",
            "ec2:CreateSnapshots",
            "ec2:DeleteVolume",
            "ec2:DetachVolume",
            "ec2:ModifyVolume",
        ),
        f"{ARN}:ec2:*::image/*": (
            "ec2:CreateTags",
            "ec2:DeregisterImage",
            "ec2:DescribeImageAttribute",
            "ec2:ModifyImageAttribute",
            "ec2:RestoreImageFromRecycleBin",
        ),
        f"{ARN}:ec2:*::image/ami-*": ("ec2:CopyImage",),
        f"{ARN}:ec2:*::snapshot/*": (
            "ec2:CreateTags",
            "ec2:CreateVolume",
            "ec2:DeleteSnapshot",
            "ec2:DescribeSnapshotAttribute",
            "ec2:ModifySnapshotAttribute",
            "ec2:ModifySnapshotTier",
            "ec2:RestoreSnapshotFromRecycleBin",
            "ec2:RestoreSnapshotTier",
        ),
        f"{ARN}:ec2:*::snapshot/snap-*": ("ec2:CopyImage", "ec2:CopySnapshot"),
        f"{ARN}:ecs:{OWN}:cluster/*": ("ecs:DescribeClusters",),
        f"{ARN}:ecs:{OWN}:service/*": (
            "ecs:DescribeServices",
            "ecs:TagResource",
            "ecs:UntagResource",
            "ecs:UpdateService",
        ),
        f"{ARN}:ecs:{OWN}:task/*": ("ecs:DescribeTasks", "ecs:StopTask"),
        f"{ARN}:ecs:{OWN}:task-definition/*": ("ecs:RunTask",),
        f"{ARN}:elasticloadbalancing:{OWN}:loadbalancer/*": (
            "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
            "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
        ),
        f"{ARN}:elasticloadbalancing:{OWN}:targetgroup/*/*": (
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:RegisterTargets",
        ),
        f"{ARN}:events:{OWN}:event-bus/default": ("events:PutEvents",),
        f"{ARN}:route53:::hostedzone/*": ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"),
        f"{ARN}:ssm:{OWN}:document/*": ("ssm:DescribeDocument", "ssm:StartAutomationExecution"),
        f"{ARN}:ssm:*::document/*": ("ssm:DescribeDocument", "ssm:StartAutomationExecution"),
        f"{ARN}:ssm:{OWN}:parameter/*": ("ssm:GetParameter",),
        f"{ARN}:ssm:*::parameter/*": ("ssm:GetParameter",),
        f"{ARN}:rds:{OWN}:cluster:*": (
            "rds:DescribeDBClusters",
            "rds:DescribeDBClusterSnapshots",
            "rds:StartDBCluster",
            "rds:StopDBCluster",
        ),
        f"{ARN}:rds:{OWN}:cluster-snapshot:*": (
            "rds:DeleteDBClusterSnapshot",
            "rds:DescribeDBClusterSnapshotAttributes",
            "rds:DescribeDBClusterSnapshots",
            "rds:ModifyDBClusterSnapshotAttribute",
        ),
        f"{ARN}:rds:{OWN}:db:*": (
            "rds:DescribeDBInstances",
            "rds:DescribeDBSnapshots",
            "rds:ModifyDBInstance",
            "rds:RebootDBInstance",
            "rds:StartDBInstance",
            "rds:StopDBInstance",
        ),
        f"{ARN}:rds:{OWN}:snapshot:*": (
            "rds:DeleteDBSnapshot",
            "rds:DescribeDBSnapshotAttributes",
            "rds:DescribeDBSnapshots",
            "rds:ModifyDBSnapshotAttribute",
        ),
        f"{ARN}:ec2:{HERE}:instance/*": ("ssm:SendCommand",),
        f"{ARN}:lambda:{OWN}:function:*": ("lambda:InvokeFunction",),
        f"{ARN}:sns:{OWN}:*": ("sns:Publish",),
        f"{ARN}:sqs:{OWN}:*": ("sqs:GetQueueUrl", "sqs:SendMessage"),
        f"{ARN}:ssm:{OWN}:managed-instance/*": ("ssm:SendCommand",),
        f"{ARN}:states:{OWN}:execution:*": ("states:DescribeExecution", "states:StopExecution"),
        f"{ARN}:states:{OWN}:stateMachine:*": ("states:DescribeStateMachine", "states:StartExecution"),
    },
    CREATED: {
        f"{ARN}:cloudformation:{OWN}:stack/*/*": ("cloudformation:CreateStack", "cloudformation:TagResource"),
        f"{ARN}:ec2:{OWN}:instance/*": ("ec2:CreateTags", "ec2:RunInstances"),
        f"{ARN}:ec2:{OWN}:volume/*": ("ec2:CreateTags", "ec2:CreateVolume", "ec2:RunInstances"),
        f"{ARN}:ec2:*::image/*": ("ec2:CopyImage", "ec2:CreateImage"),
        f"{ARN}:ec2:*::snapshot/*": (
            "ec2:CopyImage",
            "ec2:CopySnapshot",
            "ec2:CreateImage",
            "ec2:CreateSnapshot",
            "ec2:CreateSnapshots",
        ),
        f"{ARN}:rds:{OWN}:cluster:*": ("rds:CreateDBClusterSnapshot",),
        f"{ARN}:rds:{OWN}:cluster-snapshot:*": ("rds:AddTagsToResource", "rds:CreateDBClusterSnapshot"),
        f"{ARN}:rds:{OWN}:db:*": ("rds:CreateDBSnapshot",),
        f"{ARN}:rds:{OWN}:snapshot:*": ("rds:AddTagsToResource", "rds:CreateDBSnapshot"),
        f"{ARN}:rds:*:*:cluster-snapshot:*": ("rds:CopyDBClusterSnapshot",),
        f"{ARN}:rds:*:*:snapshot:*": ("rds:CopyDBSnapshot",),
    },
    OF_A_FLOW: {
        f"{ARN}:ec2:{OWN}:instance/*": ("ec2:TerminateInstances",),
        f"{ARN}:ec2:*::image/*": ("ec2:RunInstances",),
    },
    "What the instance that is replaced was launched with.": {
        f"{ARN}:ec2:{OWN}:key-pair/*": ("ec2:RunInstances",),
        f"{ARN}:ec2:{OWN}:network-interface/*": ("ec2:RunInstances",),
        f"{ARN}:ec2:*:*:security-group/*": ("ec2:RunInstances",),
        f"{ARN}:ec2:*:*:subnet/*": ("ec2:RunInstances",),
        f"{ARN}:ec2:*::snapshot/*": ("ec2:RunInstances",),
    },
    PASSED: {f"{ARN}:iam::${{AWS::AccountId}}:role/*": ("iam:PassRole",)},
    "The end of what a task or a job wrote, in the group that its definition names.": {
        f"{ARN}:logs:{OWN}:log-group:*:log-stream:*": ("logs:GetLogEvents",)
    },
    "Roles that are named for nightshift, for CloudFormation alone.": {
        f"{ARN}:iam::${{AWS::AccountId}}:role/nightshift-*": ("iam:PassRole",)
    },
    GRANTED: {f"{ARN}:kms:*:*:key/*": ("kms:CreateGrant",)},
    COPIED: {
        f"{ARN}:kms:*:*:key/*": (
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        )
    },
    BUCKETS: {
        f"{ARN}:s3:::*": (
            "s3:GetBucketVersioning",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
            "s3:ListBucketVersions",
        ),
        f"{ARN}:s3:::*/*": (
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetObject",
            "s3:GetObjectTagging",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
            "s3:PutObjectTagging",
        ),
        **{f"{ARN}:s3:::*/*.{kind}": ("s3:GetObject",) for kind in ("json", "template", "yaml", "yml")},
    },
    "The secrets that are named for nightshift, where a flow names one only when it runs.": {
        f"{ARN}:secretsmanager:{HERE}:secret:nightshift/*": ("secretsmanager:GetSecretValue",)
    },
    "Documents of AWS's own, in every region.": {
        f"{ARN}:ssm:*::document/AWS-Run{kind}Script": ("ssm:SendCommand",) for kind in ("PowerShell", "Shell")
    },
}
"""Reason -> resource -> actions. FUNCTION and FLOW stand for the name of a function and a state machine."""

HELD = {
    CREATED: {"aws:RequestTag/nightshift:flow", "ec2:CreateAction", "cloudformation:CreateAction"},
    OF_A_FLOW: {"aws:ResourceTag/nightshift:flow", "aws:ResourceTag/nightshift:instance"},
    GRANTED: {"kms:GrantIsForAWSResource"},
    COPIED: {"kms:ViaService", "kms:RequestAlias"},
    PASSED: {"iam:PassedToService"},
    BUCKETS: {"s3:ResourceAccount", "aws:ResourceAccount"},
}
"""Reason -> the condition keys of which one is in each statement that stands for it."""
