"""The commands `diff`, `deploy` and `member-template`, and their options."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from nightshift.cli.options import FLOW_DEFS, AsJson, Folder

Stage = Annotated[str, typer.Argument(metavar="STAGE", help="A stage of nightshift.toml.")]
Target = Annotated[
    Literal["local", "aws"], typer.Option(help="The account of your AWS credentials, or the local AWS to try it on.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""

    @app.command()
    def diff(
        stage: Stage,
        *,
        target: Target = "aws",
        folder: Folder = FLOW_DEFS,
        as_json: AsJson = False,
    ) -> None:
        """Say in words which flows, schedules and permissions a deployment to a stage would change."""
        from nightshift.cli.stages.deploying import diff as print_diff

        print_diff(stage, target, folder, as_json=as_json)

    @app.command()
    def deploy(
        stage: Stage,
        *,
        yes: Annotated[
            bool, typer.Option("--yes", help="Ask nobody: for a pipeline that has its own approval.")
        ] = False,
        give_up_redrives: Annotated[
            bool, typer.Option("--give-up-redrives", help="Also when failed runs can then not be redriven.")
        ] = False,
        target: Target = "aws",
        folder: Folder = FLOW_DEFS,
        as_json: AsJson = False,
    ) -> None:
        """Check the flows, show what changes and what they will do, ask, and deploy to a stage."""
        from nightshift.cli.stages.deploying import deploy as deploy_stage

        deploy_stage(stage, target, folder, approved=yes, give_up_redrives=give_up_redrives, as_json=as_json)

    @app.command("member-template")
    def member_template(
        stage: Annotated[str, typer.Argument(metavar="[STAGE]", help="A stage; default: as cdk.json says.")] = "",
        *,
        folder: Folder = FLOW_DEFS,
    ) -> None:
        """Print the CloudFormation template of the role that accounts of the organization have for the app."""
        from nightshift.cli.stages.deploying import print_member_template

        print_member_template(stage, folder)
