"""Measurements of intake, each with the limit of the machine beside it. Not part of a running county."""
