"""Lines other than stations' own: pushes, brokers, pulls, dropped files, and what is passed on. No Django; everything heavy is lazy."""
