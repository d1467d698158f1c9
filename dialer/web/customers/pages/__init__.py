"""The pages of the day's customers, all below /floor."""
