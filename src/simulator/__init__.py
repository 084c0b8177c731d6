"""The outside world of demos and drills: a fictional county, its stations, its weather and its phones.

Nothing here imports the platform. Every encoder is written a second time on purpose, so that a mistake
shared by both sides cannot hide.
"""
