"""`python -m nl2opt.cli`: the console script without an installation of it."""

from nl2opt.cli import main

if __name__ == "__main__":
    main()
