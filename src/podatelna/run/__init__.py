"""Commands: the composition root that hands transports and clocks to what needs them."""
