"""Closed days as Parquet, one question interface over them and the hot files, exports and processes of rain."""
