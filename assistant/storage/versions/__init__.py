"""The migrations, one file for each change of the tables; they are never edited once released."""
