-- What the sweep looks at, in the order in which it sends: since when nothing was heard of it. Documents being deleted
-- have an index of their own, because a large namespace brings very many at once. Statements that name one of these
-- repeat its condition word for word.
DROP INDEX documents_unfinished;

CREATE INDEX documents_unfinished ON documents (COALESCE(enqueued_at_ms, updated_at_ms))
  WHERE state <> 'deleting'
    AND (state IN ('queued', 'processing') OR next_retry_at_ms IS NOT NULL OR lease_token IS NOT NULL);

CREATE INDEX documents_deleting ON documents (COALESCE(enqueued_at_ms, updated_at_ms)) WHERE state = 'deleting';
