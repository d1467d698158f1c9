"""Random days with faults on the virtual clock."""
