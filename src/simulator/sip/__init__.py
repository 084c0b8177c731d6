"""A telephone behind a SIP trunk, for tests and drills. Written from the RFCs alone."""
