"""The day's work: lists, agents, the campaign, and how it goes."""
