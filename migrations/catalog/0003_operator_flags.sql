-- An operator's last order for each dependency. Released ones stay: the newer order wins wherever two copies meet.
CREATE TABLE operator_flags (
  dependency    TEXT PRIMARY KEY,
  state         TEXT NOT NULL CHECK (state IN ('isolated', 'released')),
  changed_at_ms INTEGER NOT NULL,
  changed_by    TEXT NOT NULL
) WITHOUT ROWID;
