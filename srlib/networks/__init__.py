"""The networks: one file each, found by name from the config's `network:`."""
