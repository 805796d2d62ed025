"""The Socket.IO transport: commands in, events out."""
