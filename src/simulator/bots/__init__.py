"""A chat service with group robots: checks signatures and limits, answers 200 with an error inside. Written from public help pages."""
