"""What people rated while clips played: mean courses with bands, and how far people went alike."""
