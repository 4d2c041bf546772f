"""What is kept of conversations: answers as they were given, and what people thought of them.

The one place that knows a database. `Storage` in `repository.py` takes and gives frozen records; its errors are ours.
"""
