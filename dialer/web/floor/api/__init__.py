"""The API of the campaign as a whole."""
