"""Template filters of the researcher's pages."""
