"""Publishers on sockets: who may publish is the API's decision, asked and told over its hooks."""
