"""A county's emergency broadcast platform, as far as EBD packages go. Written from the description alone."""
