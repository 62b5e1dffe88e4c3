"""What the MiniZinc target is made of: names, sets and arrays of an instance, expressions, data file, layout."""
