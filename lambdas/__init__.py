"""Everything that runs inside AWS Lambda."""
