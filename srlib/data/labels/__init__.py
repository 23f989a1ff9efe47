"""Label tables: one reader per published form, each in a file of its own."""
