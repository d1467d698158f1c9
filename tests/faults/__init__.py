"""What breaks on purpose, and whether anything of ours broke with it: ``python -m tests.faults`` (``make faults``).

Soaks that report alike: ``virtual`` plays random days on a virtual clock, ``requests`` sends what nobody in their right
mind sends, ``rig`` runs the real service between a private office PBX and a private carrier. They check the invariants
of the design from our books, the rig also from what the carrier wrote down, and all replay from their seed.
"""
