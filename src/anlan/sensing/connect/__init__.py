"""What a connector and a receiver may be set to. Pure: the gateway reads it without Django."""
