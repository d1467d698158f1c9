"""The speed of the dialer as figures that anybody can make again: ``python -m tests.bench`` (``make bench``).

One module for each figure; beside each stands its bare counterpart, measured in the same run on the same Asterisk:
what a program would cost that does only that, without books and without rules.
"""
