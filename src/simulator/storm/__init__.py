"""The weather, what every station measures in it, and the stations' side of the wire."""
