"""Lets `python -m dialer` do what the `dialer` command does."""

from dialer.cli import main

if __name__ == "__main__":
    main()
