"""Which of two clips was chosen: strengths of what is compared by Bradley and Terry's model, with the side's effect."""
