"""`python -m breeder` is the command line."""

from breeder.cli import main

if __name__ == "__main__":
    main()
