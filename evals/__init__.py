"""The eval suite: questions with known answers, what they score, and the gate that keeps the scores."""
