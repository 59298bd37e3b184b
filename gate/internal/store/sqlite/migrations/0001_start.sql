CREATE TABLE entries (            -- the log: stays for ever
  idx        INTEGER PRIMARY KEY, -- from 0
  commitment BLOB NOT NULL
) STRICT;

CREATE TABLE letters (            -- dies with the letter
  idx     INTEGER PRIMARY KEY REFERENCES entries,
  id      BLOB NOT NULL UNIQUE,   -- SHA-256 of sealed
  key     BLOB NOT NULL,
  record  TEXT NOT NULL,
  promise TEXT NOT NULL,
  sealed  BLOB NOT NULL
) STRICT;

CREATE TABLE hashes (             -- stored hashes of tlog
  i    INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE mailboxes (
  id   BLOB PRIMARY KEY,          -- HMAC(pepper, mailbox id)
  auth BLOB NOT NULL,             -- HMAC(pepper, auth)
  day  INTEGER NOT NULL           -- last used, days since 1970
) STRICT, WITHOUT ROWID;

CREATE TABLE replies (
  rowid  INTEGER PRIMARY KEY,
  box    BLOB NOT NULL REFERENCES mailboxes ON DELETE CASCADE,
  n      INTEGER NOT NULL,        -- order within the mailbox
  id     BLOB NOT NULL,           -- SHA-256 of sealed
  sealed BLOB NOT NULL,
  UNIQUE (box, n),
  UNIQUE (box, id)
) STRICT;

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
