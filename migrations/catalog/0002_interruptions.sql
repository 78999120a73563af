-- Attempts in a row that ended without a word: their worker was cut off. Failures that were recorded do not count.
ALTER TABLE documents ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0;
