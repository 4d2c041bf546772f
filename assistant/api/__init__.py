"""The routers that the server mounts, one noun per file."""
