-- Deleted versions that the last 1,000 of `retired_versions` do not name any more, while an index may still find them.
-- The mark goes with the row, and the row goes last.
ALTER TABLE document_versions ADD COLUMN is_unnamed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX document_versions_unnamed ON document_versions (namespace, version) WHERE is_unnamed = 1;

-- A replaced version is none of them: its document answers.
CREATE TRIGGER retired_versions_dropped AFTER DELETE ON retired_versions BEGIN
  UPDATE document_versions SET is_unnamed = 1
  WHERE namespace = old.namespace AND document_id = old.document_id AND version = old.version
    AND EXISTS (SELECT 1 FROM documents d
                WHERE d.namespace = old.namespace AND d.document_id = old.document_id AND d.live_version IS NULL);
END;
