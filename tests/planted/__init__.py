"""Mistakes planted in right models, and requests with the edit meant: what the checks find, measured."""
