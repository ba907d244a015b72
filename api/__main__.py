"""`python -m clausegraph.api` is the command line."""

from clausegraph.api.entry import main

if __name__ == "__main__":
    main()
