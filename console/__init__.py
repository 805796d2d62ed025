"""The control room: a Textual application that moderates live shows from a terminal."""
