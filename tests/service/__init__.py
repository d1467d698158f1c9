"""The whole service in this process, on the real PBX: every part as it is shipped, put together as it is shipped."""
