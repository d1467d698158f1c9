"""Visit lists, agent lists and the calendar's seed: what people hand over in files."""
