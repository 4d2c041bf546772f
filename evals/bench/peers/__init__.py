"""The systems that are compared: each a process of its own environment that builds an index and is asked."""
