"""What the text routes share: frames on a stream, alphabets, long texts, sessions, and the book of parts that were handed over."""
