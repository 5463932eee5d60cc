"""The CDK side: compiled flows and the parts they use become CloudFormation stacks."""
