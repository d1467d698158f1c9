"""What people and programs see: the department's pages, the API, live events, health and metrics."""
