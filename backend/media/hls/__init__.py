"""HTTP Live Streaming (RFC 8216): samples in, segments and playlists out."""
