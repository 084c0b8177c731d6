"""Hot observations: one SQLite file per UTC day of the phenomenon, beside raw frames and the signals they caused."""
