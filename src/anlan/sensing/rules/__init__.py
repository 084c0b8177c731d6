"""Which rules are in force when and where, and those that the worker evaluates itself."""
