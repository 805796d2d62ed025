"""How the console reaches a server: live, or scripted for tests and replays."""
