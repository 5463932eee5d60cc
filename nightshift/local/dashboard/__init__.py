"""The dashboard on the local AWS: its page, and its API in this process, with a choice of whom to be."""
