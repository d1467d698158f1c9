"""What breaks on purpose, and whether anything of ours broke with it: ``python -m tests.faults`` (``make faults``).

Two soaks that report alike: ``virtual`` plays random days on a virtual clock, ``rig`` runs the real service between a
private office PBX and a private carrier. Both check every invariant of the design from our books and from what the
carrier wrote down, and both replay from their seed.
"""
