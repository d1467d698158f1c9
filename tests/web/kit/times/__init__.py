"""Times: as people type them, and of earlier versions."""
