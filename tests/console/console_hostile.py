"""Runs a control room in this terminal, with hostile chat, until `q`; for the test of what reaches the terminal."""

from console_desk import answering, desk
from console_shows import batch, message, said, snapshot, stream

from shared import endpoints

HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07OSC",
    "\x1b]0;title\x1b\\TITLE",
    "\x9b2JCSI",
    "\u202eBIDI",
    "\x1bPq DCS \x1b\\",
    "[/x] [@click=app.quit]markup[/]",
]

if __name__ == "__main__":
    lines = [message(number, text, author="\x1b[31meve") for number, text in enumerate(HOSTILE, 1)]
    app, client = desk(snapshot(stream(title="\x1b]0;evil\x07Show")), stream_id="s1")
    client.answer(endpoints.LIST_MESSAGES, answering(lines))
    client.say(batch(1, *map(said, lines)))
    app.run()
    raise SystemExit(app.return_code)
