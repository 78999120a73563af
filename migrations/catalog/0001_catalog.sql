-- The truth about documents: what was accepted, what is live, what every store holds. Texts are in R2.

CREATE TABLE namespaces (
  namespace     TEXT PRIMARY KEY,
  created_at_ms INTEGER NOT NULL
);

CREATE TABLE documents (
  namespace        TEXT NOT NULL,
  document_id      TEXT NOT NULL,
  -- The newest accepted version: epoch milliseconds of its acceptance, always larger than the one before,
  -- so that a document deleted and created again never meets its own past.
  version          INTEGER NOT NULL,
  -- The version answers come from; null until the first one is searchable and from the moment of a delete.
  live_version     INTEGER,
  state            TEXT NOT NULL CHECK (state IN ('queued', 'processing', 'ready', 'failed', 'deleting')),
  stage            TEXT CHECK (stage IN ('converting', 'chunking', 'embedding', 'indexing')),
  chunks_done      INTEGER NOT NULL DEFAULT 0,
  chunks_total     INTEGER NOT NULL DEFAULT 0,
  attempts         INTEGER NOT NULL DEFAULT 0,
  error_code       TEXT,
  error_message    TEXT,
  next_retry_at_ms INTEGER,
  -- Whoever holds the token works on the document until the lease expires; then anyone may.
  lease_token      TEXT,
  lease_until_ms   INTEGER,
  -- When the queue last took a message for this version; null makes the row an outbox for the sweep.
  enqueued_at_ms   INTEGER,
  created_at_ms    INTEGER NOT NULL,
  updated_at_ms    INTEGER NOT NULL,
  PRIMARY KEY (namespace, document_id)
) WITHOUT ROWID;

-- What the sweep looks at: few rows however many documents there are. The sweep repeats this condition word for word,
-- or SQLite would not use the index.
CREATE INDEX documents_unfinished ON documents (updated_at_ms)
  WHERE state IN ('queued', 'processing', 'deleting') OR next_retry_at_ms IS NOT NULL OR lease_token IS NOT NULL;

-- One row per accepted version until its text, chunks and vectors are gone everywhere.
CREATE TABLE document_versions (
  namespace     TEXT NOT NULL,
  document_id   TEXT NOT NULL,
  version       INTEGER NOT NULL,
  object_key    TEXT NOT NULL,
  -- SHA-256 over content, content type, title, url and metadata: equal hash, nothing to do.
  identity_hash TEXT NOT NULL,
  content_hash  TEXT NOT NULL,
  content_type  TEXT NOT NULL,
  content_bytes INTEGER NOT NULL,
  title         TEXT,
  url           TEXT,
  metadata      TEXT NOT NULL,
  PRIMARY KEY (namespace, document_id, version)
) WITHOUT ROWID;

CREATE INDEX document_versions_by_content ON document_versions (namespace, content_hash);

-- The ledger of chunk ids: Vectorize cannot list or delete by filter, so a chunk is entered here before any store sees it.
CREATE TABLE chunks (
  namespace   TEXT NOT NULL,
  document_id TEXT NOT NULL,
  version     INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  chunk_id    TEXT NOT NULL,
  PRIMARY KEY (namespace, document_id, version, n)
) WITHOUT ROWID;

-- What each vector store, and the lexical index, holds of a version. Version 0: it was told to forget the document.
CREATE TABLE document_stores (
  namespace   TEXT NOT NULL,
  document_id TEXT NOT NULL,
  version     INTEGER NOT NULL,
  store       TEXT NOT NULL,
  -- The store's receipt for the last write of the version, to ask it whether queries see it yet.
  receipt     TEXT NOT NULL,
  confirmed   INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  PRIMARY KEY (namespace, document_id, version, store)
) WITHOUT ROWID;
