"""Question -> checked, cited answer. Imports `index`, and nothing above itself."""
