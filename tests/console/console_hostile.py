"""Runs a control room in this terminal, with hostile chat, until `q`; for the test of what reaches the terminal."""

from console_desk import desk
from console_shows import batch, message, said, snapshot, stream

HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07OSC",
    "\x1b]0;title\x1b\\TITLE",
    "\x9b2JCSI",
    "\u202eBIDI",
    "\x1bPq DCS \x1b\\",
    "[/x] [@click=app.quit]markup[/]",
]

if __name__ == "__main__":
    app, client = desk(snapshot(stream(title="\x1b]0;evil\x07Show")), lines=0, stream_id="s1")
    client.say(batch(1, *(said(message(n, text, author="\x1b[31meve")) for n, text in enumerate(HOSTILE, 1))))
    app.run()
    raise SystemExit(app.return_code)
