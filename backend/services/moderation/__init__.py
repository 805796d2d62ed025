"""Moderation: acts and their undoing, and what they leave of each stream's chat."""
