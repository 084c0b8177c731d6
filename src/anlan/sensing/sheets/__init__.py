"""What the rows of the two workbooks of sensing do; their columns are in `sensing.imports`."""
