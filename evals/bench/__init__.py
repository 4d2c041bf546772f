"""Benchmarks: how long indexing, searching and answering take, beside the llama-index starter."""
