"""A station's side of SL 651-2014: frames out, acknowledgements in."""
