"""Records -> trained weights."""
