"""What officials see and do: a queue, one case at a time and with a reason, proposals that another decides, what came by post."""
