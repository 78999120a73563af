-- What a namespace holds and may hold, and what has been deleted of it by the many.

-- Every version up to it is dead at once, whatever its document's row still says.
ALTER TABLE namespaces ADD COLUMN erased_up_to INTEGER NOT NULL DEFAULT 0;
-- Versions up to it may be meant by a deletion that is still under way: what is accepted from now on is newer.
ALTER TABLE namespaces ADD COLUMN accepted_after INTEGER NOT NULL DEFAULT 0;
-- The greatest version ever accepted.
ALTER TABLE namespaces ADD COLUMN newest_version INTEGER NOT NULL DEFAULT 0;
-- Set while the namespace is deleted. The row stays: its counters must never start again.
ALTER TABLE namespaces ADD COLUMN deleted_at_ms INTEGER;

-- Quotas of its own: null is the deployment's default, 0 is none.
ALTER TABLE namespaces ADD COLUMN max_documents INTEGER;
ALTER TABLE namespaces ADD COLUMN max_chunks INTEGER;
ALTER TABLE namespaces ADD COLUMN max_bytes INTEGER;
-- The quotas that hold, as whoever accepted something last knew the defaults.
ALTER TABLE namespaces ADD COLUMN limit_documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE namespaces ADD COLUMN limit_chunks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE namespaces ADD COLUMN limit_bytes INTEGER NOT NULL DEFAULT 0;

-- Usage, counted by triggers on the versions: a document has at least one as long as it has a row.
ALTER TABLE namespaces ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE namespaces ADD COLUMN chunks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE namespaces ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

-- Set with the version's entries in the ledger; null before. A count, because D1 bills every row a trigger writes.
ALTER TABLE document_versions ADD COLUMN chunk_count INTEGER;

UPDATE document_versions SET chunk_count = (
  SELECT NULLIF(count(*), 0) FROM chunks c
  WHERE c.namespace = document_versions.namespace AND c.document_id = document_versions.document_id
    AND c.version = document_versions.version);

UPDATE namespaces SET (documents, chunks, bytes, newest_version) = (
  SELECT count(DISTINCT v.document_id), COALESCE(sum(v.chunk_count), 0), COALESCE(sum(v.content_bytes), 0),
         COALESCE(max(v.version), 0)
  FROM document_versions v WHERE v.namespace = namespaces.namespace);

-- Row by row, so that many inserted by one statement cannot pass the limit together either. Of a document's versions
-- only the new one will be left, so what the others take up is not counted against it; and one that is here already
-- may shrink, or stay as it is, whatever the quota has become. How many chunks the version makes is not known yet: only
-- a namespace that has all it may have refuses it for those.
CREATE TRIGGER document_versions_within_quotas BEFORE INSERT ON document_versions
WHEN EXISTS (
  SELECT 1 FROM namespaces n,
    (SELECT count(*) AS versions, COALESCE(sum(o.content_bytes), 0) AS bytes, COALESCE(sum(o.chunk_count), 0) AS chunks,
       COALESCE((SELECT l.content_bytes FROM document_versions l
                 WHERE l.namespace = new.namespace AND l.document_id = new.document_id
                 ORDER BY l.version DESC LIMIT 1), 0) AS newest_bytes
     FROM document_versions o WHERE o.namespace = new.namespace AND o.document_id = new.document_id) own
  WHERE n.namespace = new.namespace AND (
    new.version <= n.accepted_after
    OR (n.limit_documents > 0 AND own.versions = 0 AND n.documents >= n.limit_documents)
    OR (n.limit_bytes > 0 AND new.content_bytes > own.newest_bytes
        AND n.bytes - own.bytes + new.content_bytes > n.limit_bytes)
    OR (n.limit_chunks > 0 AND own.chunks = 0 AND n.chunks >= n.limit_chunks)))
BEGIN
  SELECT RAISE(IGNORE);
END;

-- The same when it is known how many chunks a version makes; it stays null where they are too many.
CREATE TRIGGER document_versions_chunks_within_quota BEFORE UPDATE OF chunk_count ON document_versions
WHEN old.chunk_count IS NULL AND EXISTS (
  SELECT 1 FROM namespaces n,
    (SELECT COALESCE(sum(o.chunk_count), 0) AS chunks,
       COALESCE((SELECT l.chunk_count FROM document_versions l
                 WHERE l.namespace = new.namespace AND l.document_id = new.document_id AND l.version < new.version
                   AND l.chunk_count IS NOT NULL
                 ORDER BY l.version DESC LIMIT 1), 0) AS newest_chunks
     FROM document_versions o
     WHERE o.namespace = new.namespace AND o.document_id = new.document_id AND o.version < new.version) own
  WHERE n.namespace = new.namespace AND n.limit_chunks > 0 AND new.chunk_count > own.newest_chunks
    AND n.chunks - own.chunks + new.chunk_count > n.limit_chunks)
BEGIN
  SELECT RAISE(IGNORE);
END;

-- A document put into a deleted namespace creates it anew: a version is the time of its acceptance.
CREATE TRIGGER document_versions_counted AFTER INSERT ON document_versions BEGIN
  UPDATE namespaces SET
    documents = documents + NOT EXISTS (
      SELECT 1 FROM document_versions o
      WHERE o.namespace = new.namespace AND o.document_id = new.document_id AND o.version <> new.version),
    bytes = bytes + new.content_bytes, chunks = chunks + COALESCE(new.chunk_count, 0),
    newest_version = max(newest_version, new.version),
    created_at_ms = CASE WHEN deleted_at_ms IS NULL THEN created_at_ms ELSE new.version END, deleted_at_ms = NULL
  WHERE namespace = new.namespace;
END;

CREATE TRIGGER document_versions_recounted AFTER UPDATE OF chunk_count, content_bytes ON document_versions BEGIN
  UPDATE namespaces SET
    bytes = bytes + new.content_bytes - old.content_bytes,
    chunks = chunks + COALESCE(new.chunk_count, 0) - COALESCE(old.chunk_count, 0)
  WHERE namespace = new.namespace;
END;

CREATE TRIGGER document_versions_discounted AFTER DELETE ON document_versions BEGIN
  UPDATE namespaces SET
    documents = documents - NOT EXISTS (
      SELECT 1 FROM document_versions o WHERE o.namespace = old.namespace AND o.document_id = old.document_id),
    bytes = bytes - old.content_bytes, chunks = chunks - COALESCE(old.chunk_count, 0)
  WHERE namespace = old.namespace;
END;

-- As before, but for versions that were erased with their namespace: that was told once, for all of them.
DROP TRIGGER documents_live_version_moved;
CREATE TRIGGER documents_live_version_moved AFTER UPDATE OF live_version ON documents
WHEN old.live_version IS NOT new.live_version AND NOT (
  new.live_version IS NULL
  AND old.live_version <= (SELECT erased_up_to FROM namespaces WHERE namespace = new.namespace))
BEGIN
  UPDATE namespaces SET content = content + 1, retirements = retirements + (old.live_version IS NOT NULL)
  WHERE namespace = new.namespace;
  INSERT INTO retired_versions (namespace, n, content, document_id, version)
  SELECT namespace, retirements, content, new.document_id, old.live_version
  FROM namespaces WHERE namespace = new.namespace AND old.live_version IS NOT NULL;
  UPDATE namespaces SET horizon = (
    SELECT r.content FROM retired_versions r
    WHERE r.namespace = new.namespace AND r.n = namespaces.retirements - 1000)
  WHERE namespace = new.namespace AND retirements > 1000 AND old.live_version IS NOT NULL;
  DELETE FROM retired_versions
  WHERE namespace = new.namespace
    AND n <= (SELECT retirements FROM namespaces WHERE namespace = new.namespace) - 1000;
END;

-- How many documents are in each state, without reading those that are ready: most are.
CREATE INDEX documents_not_ready ON documents (namespace, state) WHERE state <> 'ready';

-- Deletions of many documents: the row is the promise, messages only make it quick.
CREATE TABLE deletions (
  deletion_id       TEXT PRIMARY KEY,
  namespace         TEXT NOT NULL,
  -- Which documents: JSON with the version of its form.
  target            TEXT NOT NULL,
  -- Documents with a newer version were put after the request and are none of its business.
  up_to_version     INTEGER NOT NULL,
  -- How far it has come, in the order of document ids.
  after_document_id TEXT NOT NULL DEFAULT '',
  marked            INTEGER NOT NULL DEFAULT 0,
  created_at_ms     INTEGER NOT NULL,
  -- When a message was last sent to go on with it; null hands it to the sweep.
  sent_at_ms        INTEGER,
  finished_at_ms    INTEGER
) WITHOUT ROWID;

CREATE INDEX deletions_by_end ON deletions (finished_at_ms);
