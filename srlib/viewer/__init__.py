"""The page to look at restored images: one HTML file that holds all it shows."""
