"""What the rows of the two workbooks of risk do; their columns are in `risk.imports`."""
