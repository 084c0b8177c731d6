"""The fictional county 云岭县 (999901): terrain first, then water, villages, stations and people."""
