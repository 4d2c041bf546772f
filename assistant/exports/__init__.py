"""Answers and conversations to take away: text with footnotes, Markdown, a web page, a Word file."""
