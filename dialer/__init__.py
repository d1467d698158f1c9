"""A telephone dialer that calls a day of known customers through Asterisk."""

__version__ = "0.1.0"
