"""Generated requests: every address, method and role of the site with whatever somebody may send."""
