"""What an hour of an instance type costs: asked of the AWS Price List, and kept in the table."""
