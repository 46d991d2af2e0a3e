"""Every screen in every state: walked by `tour`, photographed by `./atiende gallery`."""
