"""Files and tables: where they are, how they are written whole and read sound, and what identifies their rows."""
