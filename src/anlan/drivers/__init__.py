"""Station protocols: bytes in, readings out. No clock, no database, no network; one folder per protocol."""
