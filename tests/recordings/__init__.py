"""The slice of recordings."""
