"""What people said beside their choice: how pleasant, how activated, in which word, how sure, how fast."""
