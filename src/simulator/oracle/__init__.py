"""What a correct platform must conclude from the script, worked out a second time and in another way."""
