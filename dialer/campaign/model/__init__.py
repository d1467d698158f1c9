"""What there is: the records of the day, and the transitions that each allows."""
