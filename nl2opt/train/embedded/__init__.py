"""Tagged texts -> weights of the embedded tagger; the recipe is in README.md."""
