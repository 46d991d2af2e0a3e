"""Channels: the contract each keeps, and each one's own protocol."""
