"""CloudFormation in plain JSON: builders, functions with their code, and the way to constructs."""
