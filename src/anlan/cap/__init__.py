"""OASIS CAP 1.2 and its neighbours: pure, no Django, no clock, no network."""
