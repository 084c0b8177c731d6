"""Warnings of others: read, compared, judged by rule. `sentence`, `digits`, `moments`, `gazetteer`, `words` are pure."""
