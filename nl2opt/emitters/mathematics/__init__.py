"""What LaTeX and Markdown share: expressions as LaTeX mathematics, and the parts of a written-up model."""
