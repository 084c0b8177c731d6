"""Pages of the duty desk: who is on, who came, who answered, who handed over to whom."""
