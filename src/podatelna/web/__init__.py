"""HTTP only: the desk, administration, and what they are made of."""
