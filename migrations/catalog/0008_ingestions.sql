-- Requests that brought many documents, so that what became of them can be asked for a week.
CREATE TABLE ingestions (
  id            TEXT PRIMARY KEY,
  namespace     TEXT NOT NULL,
  -- Of its items: the sweep removes so many rows with it.
  total         INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX ingestions_by_age ON ingestions (created_at_ms, id);

-- One row a document of the request, in its order. What state it is in now, only `documents` says.
CREATE TABLE ingestion_items (
  ingestion_id TEXT NOT NULL,
  n            INTEGER NOT NULL,
  -- Null when it was so malformed that it had none.
  document_id  TEXT,
  -- The version it was accepted as, or is unchanged at; null when it was refused.
  version      INTEGER,
  outcome      TEXT CHECK (outcome IN ('created', 'updated', 'unchanged')),
  problem_code TEXT,
  PRIMARY KEY (ingestion_id, n)
) WITHOUT ROWID;

-- What can be tried again: few rows however many documents there are. Statements that name it repeat its condition.
CREATE INDEX documents_retriable ON documents (namespace, document_id)
  WHERE state = 'failed' OR next_retry_at_ms IS NOT NULL;
