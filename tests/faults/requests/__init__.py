"""Requests that nobody in their right mind sends, by a grammar of our own: every route and page, in every role."""
