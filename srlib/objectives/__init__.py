"""What a network is trained for: losses, and what they need."""
