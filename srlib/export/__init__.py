"""Weight files as files for other programs."""
