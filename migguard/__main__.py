"""`python -m migguard`: the command line."""

from migguard.cli.main import main

if __name__ == "__main__":
    main()
