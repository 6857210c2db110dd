"""Proof packs: mail with everything that proves it, in one file that is checked without Podatelna."""
