"""Evaluation where the readings are stored: the state of a shard's streams in NumPy arrays, rebuilt from the store at start."""
