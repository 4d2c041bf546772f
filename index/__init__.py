"""Documents -> paragraphs -> vectors -> hits. Imports nothing from the layers above it."""
