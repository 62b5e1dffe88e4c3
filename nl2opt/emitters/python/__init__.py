"""What the targets written in Python share: identifiers, data, known expressions, the layout of a program."""
