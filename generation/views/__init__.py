"""Pages of generation: pictures, runs, pairs."""
