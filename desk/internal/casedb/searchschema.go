package casedb

// searchSchema is the part of schema3 that the search needs.
//
// found holds one document for each case, under the number of its thread, so that the newest come first by walking it backwards: the folded words of everything
// written in it, and tokens that begin with a private-use character, which no text holds (search.go says which). It is filled behind (index.go): indexed.upto is the last
// thread it has got to, stale lists those at or before it that changed since. Words are tokens already: the tokenizer only parts them at spaces.
//
// What goes, goes in the same transaction: triggers take the document of a case out when a letter, answer or event of it is deleted, when it is erased, locked or
// linked. secure-delete makes FTS5 overwrite its entries; without it deleted words stay in the file.
const searchSchema = `
CREATE VIRTUAL TABLE found USING fts5(words, detail=none, columnsize=0, tokenize='ascii');
INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE found_words USING fts5vocab(found, row);
CREATE TABLE indexed (upto INTEGER NOT NULL);
INSERT INTO indexed (upto) VALUES (0);
CREATE TABLE stale (thread INTEGER PRIMARY KEY);

CREATE TRIGGER search_reply AFTER INSERT ON reply WHEN new.thread <= (SELECT upto FROM indexed) BEGIN INSERT OR IGNORE INTO stale (thread) VALUES (new.thread); END;
CREATE TRIGGER search_event AFTER INSERT ON event WHEN new.thread <= (SELECT upto FROM indexed) BEGIN INSERT OR IGNORE INTO stale (thread) VALUES (new.thread); END;
CREATE TRIGGER search_thread AFTER UPDATE OF stage, owner, name, line, pathways, district, lang, urgency, last ON thread
	WHEN new.id <= (SELECT upto FROM indexed) AND (old.stage, old.owner, old.name, old.line, old.pathways, old.district, old.lang, old.urgency, old.last)
		<> (new.stage, new.owner, new.name, new.line, new.pathways, new.district, new.lang, new.urgency, new.last) BEGIN
	INSERT OR IGNORE INTO stale (thread) VALUES (new.id);
END;

CREATE TRIGGER search_letter_gone AFTER DELETE ON letter WHEN old.thread <= (SELECT upto FROM indexed) BEGIN
	DELETE FROM found WHERE rowid IN (SELECT old.thread UNION ALL SELECT home FROM thread WHERE id = old.thread);
	INSERT OR IGNORE INTO stale (thread) VALUES (old.thread);
END;
CREATE TRIGGER search_letter_cut AFTER UPDATE OF text, intake, thread ON letter WHEN old.thread <= (SELECT upto FROM indexed) OR new.thread <= (SELECT upto FROM indexed) BEGIN
	DELETE FROM found WHERE rowid IN (SELECT old.thread UNION ALL SELECT home FROM thread WHERE id = old.thread);
	INSERT OR IGNORE INTO stale (thread) SELECT id FROM thread WHERE id IN (old.thread, new.thread) AND id <= (SELECT upto FROM indexed);
END;
CREATE TRIGGER search_reply_cut AFTER UPDATE OF text, thread ON reply WHEN old.thread <= (SELECT upto FROM indexed) OR new.thread <= (SELECT upto FROM indexed) BEGIN
	DELETE FROM found WHERE rowid IN (SELECT old.thread UNION ALL SELECT home FROM thread WHERE id = old.thread);
	INSERT OR IGNORE INTO stale (thread) SELECT id FROM thread WHERE id IN (old.thread, new.thread) AND id <= (SELECT upto FROM indexed);
END;
CREATE TRIGGER search_reply_gone AFTER DELETE ON reply WHEN old.thread <= (SELECT upto FROM indexed) BEGIN
	DELETE FROM found WHERE rowid IN (SELECT old.thread UNION ALL SELECT home FROM thread WHERE id = old.thread);
	INSERT OR IGNORE INTO stale (thread) VALUES (old.thread);
END;
CREATE TRIGGER search_event_gone AFTER DELETE ON event WHEN old.thread <= (SELECT upto FROM indexed) BEGIN
	DELETE FROM found WHERE rowid IN (SELECT old.thread UNION ALL SELECT home FROM thread WHERE id = old.thread);
	INSERT OR IGNORE INTO stale (thread) VALUES (old.thread);
END;
CREATE TRIGGER search_moved AFTER UPDATE OF state, locked, home ON thread WHEN (old.state, old.locked, old.home) <> (new.state, new.locked, new.home) BEGIN
	DELETE FROM found WHERE rowid IN (new.id, old.home, new.home);
	INSERT OR IGNORE INTO stale (thread) SELECT id FROM thread WHERE id IN (new.id, old.home, new.home) AND id <= (SELECT upto FROM indexed);
END;
CREATE TRIGGER search_gone AFTER DELETE ON thread BEGIN
	DELETE FROM found WHERE rowid IN (old.id, old.home);
	DELETE FROM stale WHERE thread = old.id;
	INSERT OR IGNORE INTO stale (thread) SELECT id FROM thread WHERE id = old.home AND id <= (SELECT upto FROM indexed);
END;
`

// searchAfter is the part of queueSchema that the search needs: a trigger on letters costs a first sync a third more, and nothing is indexed before it is done.
const searchAfter = `
CREATE TRIGGER IF NOT EXISTS search_letter AFTER INSERT ON letter WHEN new.thread <= (SELECT upto FROM indexed) BEGIN INSERT OR IGNORE INTO stale (thread) VALUES (new.thread); END;
`
