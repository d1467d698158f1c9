"""The agent's work: the customer on the line, the results of calls, presence."""
