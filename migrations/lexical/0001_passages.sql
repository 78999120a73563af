-- Derived and rebuildable: a database of its own, because `wrangler d1 export` refuses virtual tables.

CREATE TABLE passages (
  rowid       INTEGER PRIMARY KEY,
  chunk_id    TEXT NOT NULL UNIQUE,
  namespace   TEXT NOT NULL,
  document_id TEXT NOT NULL,
  version     INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  title       TEXT,
  url         TEXT,
  -- JSON array of strings; FTS5 sees its words.
  headings    TEXT NOT NULL,
  text        TEXT NOT NULL,
  start_at    INTEGER NOT NULL,
  end_at      INTEGER NOT NULL,
  metadata    TEXT NOT NULL
);

CREATE INDEX passages_by_document ON passages (namespace, document_id, version);

CREATE VIRTUAL TABLE passages_words USING fts5 (
  title, headings, text,
  content = 'passages', content_rowid = 'rowid',
  tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TRIGGER passages_inserted AFTER INSERT ON passages BEGIN
  INSERT INTO passages_words (rowid, title, headings, text)
  VALUES (new.rowid, new.title, new.headings, new.text);
END;

CREATE TRIGGER passages_deleted AFTER DELETE ON passages BEGIN
  INSERT INTO passages_words (passages_words, rowid, title, headings, text)
  VALUES ('delete', old.rowid, old.title, old.headings, old.text);
END;

CREATE TRIGGER passages_updated AFTER UPDATE ON passages BEGIN
  INSERT INTO passages_words (passages_words, rowid, title, headings, text)
  VALUES ('delete', old.rowid, old.title, old.headings, old.text);
  INSERT INTO passages_words (rowid, title, headings, text)
  VALUES (new.rowid, new.title, new.headings, new.text);
END;
