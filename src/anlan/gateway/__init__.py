"""The listening process: stations over TCP and HTTP, store, evaluate, acknowledge. No Django."""
