-- What cached answers are judged by. The trigger below moves it in the same transaction as the documents themselves,
-- whoever changes them.

-- Moves whenever what can be answered changes: what was made before may not be the newest any more.
ALTER TABLE namespaces ADD COLUMN content INTEGER NOT NULL DEFAULT 0;
-- Moved by an operator: nothing made before is used again.
ALTER TABLE namespaces ADD COLUMN purge INTEGER NOT NULL DEFAULT 0;
-- How many versions were ever retired: numbers the rows below.
ALTER TABLE namespaces ADD COLUMN retirements INTEGER NOT NULL DEFAULT 0;
-- The content up to which it is no longer known which versions were retired.
ALTER TABLE namespaces ADD COLUMN horizon INTEGER NOT NULL DEFAULT 0;

-- Versions that answers came from until they were replaced or deleted: the last 1,000 of each namespace.
CREATE TABLE retired_versions (
  namespace   TEXT NOT NULL,
  n           INTEGER NOT NULL,
  content     INTEGER NOT NULL,
  document_id TEXT NOT NULL,
  version     INTEGER NOT NULL,
  PRIMARY KEY (namespace, n)
) WITHOUT ROWID;

CREATE TRIGGER documents_live_version_moved AFTER UPDATE OF live_version ON documents
WHEN old.live_version IS NOT new.live_version BEGIN
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
