-- Where the ingestion Worker reads a version's content; null for what was given with the request. Until it is read, the
-- content type is application/octet-stream, the length 0 and the content hash that of the address.
ALTER TABLE document_versions ADD COLUMN source_url TEXT;
