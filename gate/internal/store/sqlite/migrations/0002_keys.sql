CREATE TABLE rosters (            -- the chain: stays for ever
  serial INTEGER PRIMARY KEY,
  signed BLOB NOT NULL
) STRICT;

CREATE TABLE grants (             -- the newest of each device of the newest roster
  device BLOB PRIMARY KEY,        -- SHA-256 of its public key
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE cards (              -- the newest of each device of the newest roster
  device     BLOB PRIMARY KEY,    -- SHA-256 of its public key
  key        BLOB NOT NULL,       -- its public key
  generation INTEGER NOT NULL,
  signed     BLOB NOT NULL
) STRICT;

CREATE TABLE recovery (
  name TEXT PRIMARY KEY,
  data BLOB NOT NULL
) STRICT;

CREATE TABLE wraps (
  epoch  INTEGER NOT NULL,
  name   BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (epoch, name)
) STRICT;

CREATE TABLE proposals (
  text    BLOB PRIMARY KEY,       -- SHA-256 of the roster's text
  hour    INTEGER NOT NULL,       -- when it first came: hours since 1970
  package BLOB NOT NULL
) STRICT;
