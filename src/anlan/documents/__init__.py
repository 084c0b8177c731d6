"""Workbooks in and out. Pure: no Django, no clock, no network."""
