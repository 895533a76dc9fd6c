"""What programs read with a token."""
