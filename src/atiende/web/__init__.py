"""The edge: routes, sockets, hubs and pages of the process that has the role `web`."""
