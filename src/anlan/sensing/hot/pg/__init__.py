"""The hot store on PostgreSQL: one partition a UTC day, written by COPY, for counties and cities that run several gateways.

It answers the same calls as the day files beside it (`hot.store`, `hot.files`, `hot.reader`); the engine does not know which it has.
"""
