package casedb

// importSchema is the part of schema3 that remembers what was brought in: each import, and by a hash of its reference each case, so that a list brought twice makes no case
// twice and an import can be taken back whole. Nothing of what the list said is here.
const importSchema = `
CREATE TABLE import_batch (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, staff TEXT NOT NULL);
CREATE TABLE imported (ref TEXT PRIMARY KEY, batch INTEGER NOT NULL, thread INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX imported_batch ON imported (batch);
CREATE INDEX imported_thread ON imported (thread);
CREATE TRIGGER imported_erased AFTER UPDATE OF state ON thread WHEN new.state = 'erased' BEGIN
	DELETE FROM imported WHERE thread = new.id;
END;
`
