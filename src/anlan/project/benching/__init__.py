"""What `anlan bench` measures, one module a subject."""
