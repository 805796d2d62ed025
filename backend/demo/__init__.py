"""A whole show with real clients: publishers over RTMP, shoppers over sockets, and the control room in front."""
