"""Strict SMS gateways of carriers: CMPP 2.0/3.0 and SMPP 3.4, which misbehave on request and never de-duplicate."""
