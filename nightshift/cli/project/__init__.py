"""The commands about a project of one's own: start it, examine it, deploy it."""
