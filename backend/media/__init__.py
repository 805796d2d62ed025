"""An embedded media server: RTMP in, HLS out. It knows nothing of shops.

`rtmp` turns bytes into audio and video messages and does no I/O. `flv` and `codecs` read what is inside
them. `hls` packages them into segments and playlists. `ingest` joins these to sockets, and asks the API who
may publish. `hls_server` serves the files. `server` composes it all.
"""
