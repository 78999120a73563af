-- One word that stands for the namespace, in the index itself: a question's words meet only its own passages, and no
-- row of another namespace is read. Hexadecimal, because the tokenizer would cut a name with - in two; the ends keep
-- the stemmer from it.
ALTER TABLE passages ADD COLUMN scope TEXT GENERATED ALWAYS AS ('n' || hex(namespace) || 'x') VIRTUAL;

-- The white space between the chunk before and this one, when it is nothing else.
ALTER TABLE passages ADD COLUMN lead TEXT;

DROP TRIGGER passages_inserted;
DROP TRIGGER passages_deleted;
DROP TRIGGER passages_updated;
DROP TABLE passages_words;

CREATE VIRTUAL TABLE passages_words USING fts5 (
  scope, title, headings, text,
  content = 'passages', content_rowid = 'rowid',
  tokenize = 'porter unicode61 remove_diacritics 2'
);

-- Every three characters in a row: for scripts written without spaces, codes and names in code.
CREATE VIRTUAL TABLE passages_trigrams USING fts5 (
  title, text,
  content = 'passages', content_rowid = 'rowid',
  tokenize = 'trigram remove_diacritics 1'
);

INSERT INTO passages_words (passages_words) VALUES ('rebuild');
INSERT INTO passages_trigrams (passages_trigrams) VALUES ('rebuild');

CREATE TRIGGER passages_inserted AFTER INSERT ON passages BEGIN
  INSERT INTO passages_words (rowid, scope, title, headings, text)
  VALUES (new.rowid, new.scope, new.title, new.headings, new.text);
  INSERT INTO passages_trigrams (rowid, title, text)
  VALUES (new.rowid, new.title, new.text);
END;

CREATE TRIGGER passages_deleted AFTER DELETE ON passages BEGIN
  INSERT INTO passages_words (passages_words, rowid, scope, title, headings, text)
  VALUES ('delete', old.rowid, old.scope, old.title, old.headings, old.text);
  INSERT INTO passages_trigrams (passages_trigrams, rowid, title, text)
  VALUES ('delete', old.rowid, old.title, old.text);
END;

CREATE TRIGGER passages_updated AFTER UPDATE ON passages BEGIN
  INSERT INTO passages_words (passages_words, rowid, scope, title, headings, text)
  VALUES ('delete', old.rowid, old.scope, old.title, old.headings, old.text);
  INSERT INTO passages_trigrams (passages_trigrams, rowid, title, text)
  VALUES ('delete', old.rowid, old.title, old.text);
  INSERT INTO passages_words (rowid, scope, title, headings, text)
  VALUES (new.rowid, new.scope, new.title, new.headings, new.text);
  INSERT INTO passages_trigrams (rowid, title, text)
  VALUES (new.rowid, new.title, new.text);
END;
