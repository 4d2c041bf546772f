"""Answers and documents as HTML: pure functions, every text escaped."""
