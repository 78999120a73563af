-- A version that fails for good leaves to nobody what is older than the live version, or older than itself when none is
-- live: that was deleted, replaced, or never answered. Such a document is unfinished, whatever has made it one: an
-- outbox for the sweep, until all of that is gone.
CREATE TRIGGER documents_failed_with_remains AFTER UPDATE OF state, live_version ON documents
WHEN new.state = 'failed' AND new.next_retry_at_ms IS NULL AND EXISTS (
  SELECT 1 FROM document_versions v
  WHERE v.namespace = new.namespace AND v.document_id = new.document_id
    AND v.version < COALESCE(new.live_version, new.version))
BEGIN
  UPDATE documents SET next_retry_at_ms = new.updated_at_ms, enqueued_at_ms = NULL
  WHERE namespace = new.namespace AND document_id = new.document_id;
END;

-- Those that have failed by now.
UPDATE documents SET state = 'failed' WHERE state = 'failed' AND next_retry_at_ms IS NULL;
