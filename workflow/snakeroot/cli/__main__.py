"""`python -m snakeroot.cli`: the command where it is not installed."""

from snakeroot.cli.app import main

if __name__ == "__main__":
    main()
