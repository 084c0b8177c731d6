"""SL 427 / SZY 206, the protocol of water-resource stations: the envelope, link test, self report, queries and clock."""
