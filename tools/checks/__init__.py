"""Checks of `./dev check` that no tool off the shelf does."""
