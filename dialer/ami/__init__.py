"""The link to the PBX: the only place that knows panoramisk."""
