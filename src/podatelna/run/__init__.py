"""The commands, and the composition root: here transports and clocks are handed to what needs them."""
