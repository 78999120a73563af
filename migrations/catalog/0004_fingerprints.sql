-- How the vectors of each store were made: as its first writer made them. Nobody writes others there.
CREATE TABLE vector_stores (
  store          TEXT PRIMARY KEY,
  fingerprint    TEXT NOT NULL,
  recorded_at_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Whatever holds vectors already was made before there were fingerprints.
INSERT INTO vector_stores (store, fingerprint, recorded_at_ms)
SELECT DISTINCT store, 'unknown', 0 FROM document_stores WHERE store <> 'lexical';

-- How the version's chunks were made; null before there are any. Whatever store lacks the version gets the same ones.
ALTER TABLE document_versions ADD COLUMN fingerprint TEXT;

UPDATE document_versions SET fingerprint = 'unknown'
WHERE EXISTS (SELECT 1 FROM chunks c
              WHERE c.namespace = document_versions.namespace AND c.document_id = document_versions.document_id
                AND c.version = document_versions.version);
