"""Boards over the register: what is connected, what arrives and how late, where nobody looks. Read through `sensing.queries`."""
