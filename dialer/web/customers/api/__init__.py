"""The API of visits, customers and orders."""
