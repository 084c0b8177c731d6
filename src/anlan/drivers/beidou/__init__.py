"""BeiDou short messages: the text protocol 2.1 between a terminal and what is plugged into it, and the envelope of BDS-3."""
