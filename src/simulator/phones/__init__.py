"""The SMS and voice provider of the fictional county, and the people behind its phones."""
