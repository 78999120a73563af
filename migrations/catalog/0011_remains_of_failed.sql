-- A version that fails for good, while none is live, leaves the ones before it to nobody: they were deleted, or never
-- answered. Such a document is unfinished, whatever has made it one: an outbox for the sweep, until they are gone.
CREATE TRIGGER documents_failed_with_remains AFTER UPDATE OF state, live_version ON documents
WHEN new.state = 'failed' AND new.live_version IS NULL AND new.next_retry_at_ms IS NULL AND EXISTS (
  SELECT 1 FROM document_versions v
  WHERE v.namespace = new.namespace AND v.document_id = new.document_id AND v.version < new.version)
BEGIN
  UPDATE documents SET next_retry_at_ms = new.updated_at_ms, enqueued_at_ms = NULL
  WHERE namespace = new.namespace AND document_id = new.document_id;
END;

-- Those that have failed by now.
UPDATE documents SET state = 'failed' WHERE state = 'failed' AND live_version IS NULL AND next_retry_at_ms IS NULL;
