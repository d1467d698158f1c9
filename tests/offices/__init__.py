"""The service beside PBXs that others set up."""
