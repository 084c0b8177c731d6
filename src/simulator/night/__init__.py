"""A night at the duty desk: who calls, when, about what, and what is true of it."""
