"""The TAK line: Cursor on Target over TCP and TLS (docs/tak.md). A process of its own, so that no phone slows anything else."""
