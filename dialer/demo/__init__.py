"""The demonstration: a whole day in three minutes, on a private office PBX and a private carrier."""

from dialer.demo.play import run

__all__ = ["run"]
