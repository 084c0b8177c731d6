"""OGC SensorThings 1.1, the read side. See README.md."""
