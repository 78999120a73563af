-- Comparisons of the catalog with everything made from it: one row a run, with how far it is and what it has counted.
CREATE TABLE reconciliations (
  id             TEXT PRIMARY KEY,
  -- Null: all of them.
  namespace      TEXT,
  -- Repairs however large the difference is.
  is_forced      INTEGER NOT NULL CHECK (is_forced IN (0, 1)),
  requested_by   TEXT NOT NULL CHECK (requested_by IN ('schedule', 'operator')),
  state          TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'failed')),
  -- JSON: where the next slice begins.
  position       TEXT NOT NULL,
  -- JSON: by store, what was compared, what differed and what became of it.
  tallies        TEXT NOT NULL,
  -- Claims since the last slice that came to an end.
  attempts       INTEGER NOT NULL DEFAULT 0,
  lease_token    TEXT,
  lease_until_ms INTEGER,
  started_at_ms  INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL,
  finished_at_ms INTEGER
) WITHOUT ROWID;

CREATE UNIQUE INDEX reconciliations_running ON reconciliations (state) WHERE state = 'running';

-- What the run has found and not repaired yet; nothing is repaired before everything is counted.
CREATE TABLE reconciliation_findings (
  run_id    TEXT NOT NULL,
  store     TEXT NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('behind', 'orphan')),
  namespace TEXT NOT NULL,
  -- Of what is behind: the document's id. Of an orphan: the chunk's id, or the object's key.
  key       TEXT NOT NULL,
  -- The version found behind; 0 for an orphan.
  version   INTEGER NOT NULL,
  -- How many chunks differ.
  chunks    INTEGER NOT NULL,
  -- One document's findings stand together, so that it is repaired once.
  PRIMARY KEY (run_id, kind, namespace, key, store)
) WITHOUT ROWID;

-- Ids that have left the ledger lately: a write that was late may bring their vectors back, and Vectorize cannot list.
-- Ids contain the version, so none is ever used again.
CREATE TABLE removed_chunks (
  namespace     TEXT NOT NULL,
  chunk_id      TEXT NOT NULL,
  removed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (namespace, chunk_id)
) WITHOUT ROWID;

-- Whoever removes ids, in the same transaction. Whoever works on a document has just written its row.
CREATE TRIGGER chunks_removed AFTER DELETE ON chunks BEGIN
  INSERT INTO removed_chunks (namespace, chunk_id, removed_at_ms)
  VALUES (
    old.namespace, old.chunk_id,
    COALESCE(
      (SELECT updated_at_ms FROM documents WHERE namespace = old.namespace AND document_id = old.document_id),
      CAST(unixepoch('subsec') * 1000 AS INTEGER)))
  ON CONFLICT DO UPDATE SET removed_at_ms = excluded.removed_at_ms;
END;

-- Is an id, or a key, found somewhere still known?
CREATE INDEX chunks_by_id ON chunks (chunk_id);
CREATE INDEX document_versions_by_object ON document_versions (object_key);
