"""A scripted SIP party with RTP on 127.0.0.1: a phone, or a carrier, that does what a test wants.

``party`` speaks SIP over UDP, each call of it is a ``Dialog``, whose sound is a ``Voice`` (``rtp``). What it
says can be found again by the second (``tones``). Only what the tests need of RFC 3261, 3264, 3515, 3550 and 3891.
"""
