"""Moving in: the configurations of other schedulers, read and written as flow files."""
