"""The Liveshop server: REST, Socket.IO, media and the rules of a live show."""
