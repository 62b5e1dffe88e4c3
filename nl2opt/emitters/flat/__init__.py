"""What LP and MPS files share: a grounded linear model with a name for every row and column, numbers as text."""
