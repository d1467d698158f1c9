"""The API for audits and the reconciliation."""
