"""The bare counterparts: what a program costs that does one thing, without books and without rules."""
