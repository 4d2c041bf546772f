"""What any bytes must not break: the readers, paragraphs, notes, sentences, facts and what a model sends."""
