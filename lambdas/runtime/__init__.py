"""What a function of a part runs in: its entry, AWS clients, traces, and the store of large results."""
