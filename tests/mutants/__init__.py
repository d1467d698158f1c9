"""Whether the tests of the rules can fail: each small change of the code must be noticed by one of them."""
