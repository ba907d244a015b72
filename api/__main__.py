"""`python -m clausegraph.api` is the command line."""

from clausegraph.api.cli import main

if __name__ == "__main__":
    main()
