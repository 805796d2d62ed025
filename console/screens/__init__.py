"""What fills the terminal: sign-in, the streams, a room, the help."""
