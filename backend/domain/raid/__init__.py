"""Whether a stream's chat is being raided: signals, an explained score, and what to do about it."""
