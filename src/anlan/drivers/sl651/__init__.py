"""SL 651-2014, the protocol of rain and water stations (hexadecimal/BCD frames)."""
