package casedb

// schema3: cases. A thread's row is its case's row: the columns from stage on are what the fold of its events says (project.go), so that the queue is read from
// indices and folds nothing. Numbers that nobody has set are 0.
//
// stage is new, open, closed, or office for the organisation's own stream, which is no case. walled: 0 everybody may see it, 1 its owner, its team and keepers, 2 its
// owner and team only. asks, latest and due are what the queue is ordered by: with what came in linked conversations, and the earlier of answer and task.
const schema3 = `
DROP INDEX thread_newest;
DROP INDEX thread_urgent;

ALTER TABLE thread ADD COLUMN stage TEXT NOT NULL DEFAULT 'new';
ALTER TABLE thread ADD COLUMN home INTEGER NOT NULL DEFAULT 0;          -- the thread of the case that this conversation belongs to
ALTER TABLE thread ADD COLUMN linked_to BLOB;                           -- the case that the fold names; home is what comes of it
ALTER TABLE thread ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN line TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN pathways TEXT NOT NULL DEFAULT '';        -- ' one two '
ALTER TABLE thread ADD COLUMN sensitivity TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN walled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN task_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN due_task TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN reply_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN escalated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN open_tasks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN closed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN linked_waiting INTEGER NOT NULL DEFAULT 0; -- of the conversations whose home it is
ALTER TABLE thread ADD COLUMN linked_unread INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN linked_last INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN asks INTEGER AS (max(waiting, linked_waiting));
ALTER TABLE thread ADD COLUMN latest INTEGER AS (max(last, linked_last));
ALTER TABLE thread ADD COLUMN due INTEGER AS (min(iif(reply_by = 0, 9999999999, reply_by), iif(task_due = 0, 9999999999, task_due)));
ALTER TABLE mailbox ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;       -- of a thread that was joined into this one: not what the case is named by

CREATE INDEX queue_urgent ON thread (stage, asks, walled, urgency, due, latest) WHERE listed;
CREATE INDEX queue_office ON thread (id) WHERE stage = 'office';
CREATE INDEX thread_home ON thread (home) WHERE home <> 0;
CREATE INDEX thread_joined ON thread (joined_to) WHERE joined_to <> 0;
CREATE INDEX thread_locked ON thread (locked) WHERE locked > 0;
CREATE INDEX thread_linked ON thread (linked_to) WHERE linked_to IS NOT NULL;
CREATE INDEX thread_clock ON thread (reply_by) WHERE reply_by > 0 AND escalated = 0;
CREATE INDEX thread_escalated ON thread (escalated) WHERE escalated > 0;

-- What desks said happened. notice is the entry of the log that brought it, NULL while there is none; an event of a desk that is not known to the roster's chain is
-- kept and not believed: known is 1 or, of such a desk, 0, -1 when a whole round has passed since (the roster that names it may come after it), -2 when people were told.
CREATE TABLE event (
	id INTEGER PRIMARY KEY,
	thread INTEGER NOT NULL,
	hash BLOB NOT NULL UNIQUE,
	notice BLOB,
	device BLOB NOT NULL,
	known INTEGER NOT NULL,
	note BLOB NOT NULL
);
CREATE INDEX event_thread ON event (thread);
CREATE INDEX event_unknown ON event (device) WHERE known < 1;

-- Desks that are or were in the roster's chain, up to the serial in meta 'devices'.
CREATE TABLE device (hash BLOB PRIMARY KEY, role TEXT NOT NULL DEFAULT '') WITHOUT ROWID; -- role: as the keepers say, '' for former ones
-- Who signed a notice that orders something, and the hash of the signature: a copy is not obeyed again.
ALTER TABLE notice ADD COLUMN by BLOB;
ALTER TABLE notice ADD COLUMN sig BLOB;
CREATE INDEX notice_sig ON notice (sig) WHERE sig IS NOT NULL;
ALTER TABLE thread ADD COLUMN erased_by BLOB;
ALTER TABLE locked ADD COLUMN by BLOB;
UPDATE outbox SET sealed = NULL, sealed_id = NULL WHERE kind = 'notice' AND sent = 0; -- to be signed

-- Projections of the fold, beside the thread's columns.
CREATE TABLE task (
	thread INTEGER NOT NULL, task TEXT NOT NULL, do TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, walled INTEGER NOT NULL,
	basis TEXT NOT NULL, source TEXT NOT NULL, who TEXT NOT NULL, PRIMARY KEY (thread, task)
) WITHOUT ROWID;
CREATE INDEX task_due ON task (walled, due) WHERE state = 'open' AND due > 0;
CREATE INDEX task_owner ON task (owner, due) WHERE state = 'open' AND due > 0 AND owner <> '';
CREATE TABLE team (staff TEXT NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY (staff, thread)) WITHOUT ROWID;  -- its owners too
CREATE INDEX team_thread ON team (thread);
CREATE TABLE barred (staff TEXT NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY (staff, thread)) WITHOUT ROWID;
CREATE INDEX barred_thread ON barred (thread);
CREATE TABLE follow (
	pathway TEXT NOT NULL, thread INTEGER NOT NULL, listed INTEGER NOT NULL, stage TEXT NOT NULL, asks INTEGER NOT NULL, walled INTEGER NOT NULL, urgency INTEGER NOT NULL,
	due INTEGER NOT NULL, latest INTEGER NOT NULL, PRIMARY KEY (thread, pathway)
) WITHOUT ROWID;
CREATE INDEX queue_pathway ON follow (pathway, stage, asks, walled, urgency, due, latest) WHERE listed;

CREATE TABLE look (thread INTEGER NOT NULL, staff TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (thread, staff, day)) WITHOUT ROWID;
CREATE TABLE setting (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
-- How many threads are where in the queue; kept by triggers of queueSchema.
CREATE TABLE tally (stage TEXT NOT NULL, asks INTEGER NOT NULL, walled INTEGER NOT NULL, urgency INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (stage, asks, walled, urgency)) WITHOUT ROWID;

-- Whatever changes a thread, what hangs on it follows. Triggers do not fire themselves again (recursive_triggers is off).
CREATE TRIGGER thread_follow AFTER UPDATE ON thread WHEN new.pathways <> '' BEGIN
	UPDATE follow SET listed = new.listed, stage = new.stage, asks = new.asks, walled = new.walled, urgency = new.urgency, due = new.due, latest = new.latest
		WHERE thread = new.id;
END;
CREATE TRIGGER thread_homed AFTER UPDATE OF waiting, unread, last, home ON thread WHEN new.home <> 0 OR old.home <> 0 BEGIN
	UPDATE thread SET (linked_waiting, linked_unread, linked_last) =
		(SELECT coalesce(max(o.waiting), 0), coalesce(sum(o.unread), 0), coalesce(max(o.last), 0) FROM thread o WHERE o.home <> 0 AND o.home = thread.id)
		WHERE id IN (new.home, old.home) AND id <> 0;
END;
-- Another urgency has another clock: it is set anew.
CREATE TRIGGER thread_urged AFTER UPDATE OF urgency ON thread WHEN new.urgency <> old.urgency AND new.reply_by > 0 AND new.escalated = 0 BEGIN
	UPDATE thread SET reply_by = 0 WHERE id = new.id;
END;
-- Nobody waits for an answer any more.
CREATE TRIGGER thread_answered AFTER UPDATE OF waiting, linked_waiting ON thread WHEN new.asks = 0 AND (new.reply_by > 0 OR new.escalated > 0) BEGIN
	UPDATE thread SET reply_by = 0, escalated = 0 WHERE id = new.id;
END;
` + searchSchema + figureSchema + importSchema + retireSchema

// queueSchema is made when the first sync is done: until then the letters of a whole log go in, and an index costs a quarter of that when it is made afterwards. Until
// then these filters read the table, which is short.
const queueSchema = `
CREATE INDEX IF NOT EXISTS queue_newest ON thread (stage, asks, walled, latest) WHERE listed;
CREATE INDEX IF NOT EXISTS queue_district ON thread (district, stage, asks, walled, urgency, due, latest) WHERE listed AND district <> '';
CREATE INDEX IF NOT EXISTS queue_lang ON thread (lang, stage, asks, walled, urgency, due, latest) WHERE listed AND lang <> '';
CREATE INDEX IF NOT EXISTS queue_clockless ON thread (latest) WHERE listed AND asks AND reply_by = 0 AND state = 'open';

DELETE FROM tally;
INSERT INTO tally (stage, asks, walled, urgency, n) SELECT stage, asks, walled, urgency, count(*) FROM thread WHERE listed GROUP BY stage, asks, walled, urgency;
CREATE TRIGGER IF NOT EXISTS tally_in AFTER INSERT ON thread WHEN new.listed BEGIN
	INSERT INTO tally (stage, asks, walled, urgency, n) VALUES (new.stage, new.asks, new.walled, new.urgency, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER IF NOT EXISTS tally_out AFTER DELETE ON thread WHEN old.listed BEGIN
	UPDATE tally SET n = n - 1 WHERE (stage, asks, walled, urgency) = (old.stage, old.asks, old.walled, old.urgency);
END;
CREATE TRIGGER IF NOT EXISTS tally_moved AFTER UPDATE ON thread
	WHEN (old.listed, old.stage, old.asks, old.walled, old.urgency) <> (new.listed, new.stage, new.asks, new.walled, new.urgency) BEGIN
	UPDATE tally SET n = n - 1 WHERE old.listed AND (stage, asks, walled, urgency) = (old.stage, old.asks, old.walled, old.urgency);
	INSERT INTO tally (stage, asks, walled, urgency, n) SELECT new.stage, new.asks, new.walled, new.urgency, 1 WHERE new.listed ON CONFLICT DO UPDATE SET n = n + 1;
END;

-- How many letters nobody has read, for the head of every page.
CREATE TABLE IF NOT EXISTS unread (n INTEGER NOT NULL);
DELETE FROM unread;
INSERT INTO unread (n) SELECT coalesce(sum(unread), 0) FROM thread WHERE listed;
CREATE TRIGGER IF NOT EXISTS unread_in AFTER INSERT ON thread WHEN new.listed AND new.unread > 0 BEGIN UPDATE unread SET n = n + new.unread; END;
CREATE TRIGGER IF NOT EXISTS unread_out AFTER DELETE ON thread WHEN old.listed AND old.unread > 0 BEGIN UPDATE unread SET n = n - old.unread; END;
CREATE TRIGGER IF NOT EXISTS unread_moved AFTER UPDATE OF unread, listed ON thread WHEN old.listed * old.unread <> new.listed * new.unread BEGIN
	UPDATE unread SET n = n - old.listed * old.unread + new.listed * new.unread;
END;
` + searchAfter
