"""The whole service as a process of its own, on the real PBX, with things going wrong."""
