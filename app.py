"""The CDK app: one stack with all flows of `flow_defs/`."""

from aws_cdk import App

from stacks.app_stack import NightshiftStack
from stacks.settings import Settings

app = App()
settings = Settings.of(app.node)
NightshiftStack(app, settings.prefix, settings=settings)
app.synth()
