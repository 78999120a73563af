-- Of what the embedding model is given for the chunk: equal in another version of the document, and its vector is known.
-- Null for chunks entered before there was this column.
ALTER TABLE chunks ADD COLUMN text_hash TEXT;
