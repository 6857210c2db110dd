"""Two installations that answer each other."""
