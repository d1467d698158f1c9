"""What the clock brings: opening and closing, late starts, a clock that was set."""
