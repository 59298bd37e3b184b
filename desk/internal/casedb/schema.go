package casedb

// schemas brings a database from each version to the next; PRAGMA user_version is the number of those that were run.
var schemas = [...]string{schema1, schema2, schema3}

// schema1: times are unix seconds, 0 for none; ids of letters are 32 bytes, of mailboxes 16. A letter whose idx is -1 was in a
// log that this desk no longer follows.
const schema1 = `
CREATE TABLE meta (k TEXT PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE thread (
	id INTEGER PRIMARY KEY,
	state TEXT NOT NULL,
	listed INTEGER NOT NULL DEFAULT 1, -- in the list without being asked for: open, unopened, or an erasure nobody looked at yet
	urgency INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	unread INTEGER NOT NULL,
	waiting INTEGER NOT NULL,
	beginning TEXT NOT NULL,
	situations TEXT NOT NULL,     -- separated by spaces
	lang TEXT NOT NULL,
	who TEXT NOT NULL,
	district TEXT NOT NULL,
	sealed TEXT NOT NULL,
	letters INTEGER NOT NULL,
	forged INTEGER NOT NULL DEFAULT 0,
	by_person INTEGER NOT NULL DEFAULT 0,
	joined_to INTEGER NOT NULL DEFAULT 0,
	erased_at INTEGER NOT NULL DEFAULT 0,
	reissued INTEGER NOT NULL DEFAULT 0,
	reissued_here INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX thread_newest ON thread (last) WHERE listed;
CREATE INDEX thread_urgent ON thread (urgency, waiting, last) WHERE listed;

-- Every mailbox a thread has had; live is the one that replies go to. Erasure leaves id and thread only, so that a gate
-- cannot bring an erased thread back.
CREATE TABLE mailbox (
	rowid INTEGER PRIMARY KEY,
	id BLOB NOT NULL,
	thread INTEGER NOT NULL,
	box TEXT NOT NULL,
	mac BLOB,
	live INTEGER NOT NULL
);
CREATE INDEX mailbox_id ON mailbox (id);
CREATE INDEX mailbox_thread ON mailbox (thread);

CREATE TABLE letter (
	id INTEGER PRIMARY KEY,
	thread INTEGER NOT NULL,
	kind TEXT NOT NULL,
	letter_id BLOB NOT NULL UNIQUE,
	idx INTEGER NOT NULL,
	commitment BLOB NOT NULL,
	hour INTEGER NOT NULL,
	at INTEGER NOT NULL,
	sealed TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	tag TEXT NOT NULL,
	n INTEGER NOT NULL,
	text TEXT NOT NULL,
	intake TEXT NOT NULL,         -- JSON, '' for none
	problem TEXT NOT NULL,
	old_code INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	raw BLOB                      -- unopened: sealed bytes; of an unknown thread: the packed plaintext
);
CREATE INDEX letter_thread ON letter (thread);

CREATE TABLE reply (
	id INTEGER PRIMARY KEY,
	thread INTEGER NOT NULL,
	mailbox INTEGER NOT NULL,     -- row of mailbox
	n INTEGER NOT NULL,
	at INTEGER NOT NULL,
	here INTEGER NOT NULL,
	tag TEXT NOT NULL,
	clash INTEGER NOT NULL DEFAULT 0,
	delivered INTEGER NOT NULL,   -- 0 queued, 1 in the mailbox, 2 refused
	text TEXT NOT NULL,
	once TEXT UNIQUE,
	copy_id BLOB UNIQUE,
	copy_idx INTEGER NOT NULL DEFAULT -1,
	commitment BLOB
);
CREATE INDEX reply_thread ON reply (thread);

CREATE TABLE part (
	id INTEGER PRIMARY KEY,
	thread INTEGER NOT NULL,
	letter INTEGER,
	reply INTEGER,
	type TEXT NOT NULL,
	data BLOB NOT NULL
);
CREATE INDEX part_letter ON part (letter) WHERE letter IS NOT NULL;
CREATE INDEX part_reply ON part (reply) WHERE reply IS NOT NULL;

-- What has to go out, in order. sealed is made once, so that a second try sends the same letter.
CREATE TABLE outbox (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	thread INTEGER NOT NULL,
	reply INTEGER NOT NULL DEFAULT 0,
	body BLOB,
	sealed BLOB,
	sealed_id BLOB,
	waits INTEGER NOT NULL DEFAULT 0,  -- id of a notice that must be in the log first
	sent INTEGER NOT NULL DEFAULT 0    -- a notice that is on its way into the log
);

CREATE TABLE notice (letter_id BLOB PRIMARY KEY, idx INTEGER NOT NULL, commitment BLOB NOT NULL, thread INTEGER NOT NULL, genuine INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE erased (letter_id BLOB PRIMARY KEY, commitment BLOB) WITHOUT ROWID;
CREATE INDEX erased_commitment ON erased (commitment);
CREATE TABLE absent (idx INTEGER PRIMARY KEY, commitment BLOB NOT NULL, round INTEGER NOT NULL);

CREATE TABLE alarm (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	key TEXT NOT NULL,
	args TEXT NOT NULL,
	evidence TEXT NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	count INTEGER NOT NULL,
	resolved INTEGER NOT NULL DEFAULT 0,
	note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX alarm_standing ON alarm (kind, key) WHERE resolved = 0;
`

// schema2: the file key of each entry, so that an open case outlives the epoch it was sealed to, and what the gate holds in wraps. epoch is the one
// whose key opened an entry (version 1 stored what the sender claimed). Entries stored by version 1 have no file key: the log is read anew, up to the checkpoint that
// was known, and gives them theirs.
const schema2 = `
ALTER TABLE letter ADD COLUMN file_key BLOB;
ALTER TABLE reply ADD COLUMN file_key BLOB;
ALTER TABLE reply ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN file_key BLOB;
ALTER TABLE notice ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN lock INTEGER NOT NULL DEFAULT 0; -- says who may read a case: everybody may read that
CREATE INDEX notice_thread ON notice (thread) WHERE thread > 0;

ALTER TABLE thread ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;     -- 0 no, 1 this desk is a specialist's, 2 it is not: nothing readable is left
ALTER TABLE thread ADD COLUMN gone_epoch INTEGER NOT NULL DEFAULT 0; -- erased: the newest epoch whose key could open any of it
ALTER TABLE outbox ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;      -- that sealed was sealed to; 0 for replies

-- Entries that stand in a wrap of an epoch at the gate, as far as this desk knows.
CREATE TABLE wrapped (epoch INTEGER NOT NULL, letter_id BLOB NOT NULL, PRIMARY KEY (epoch, letter_id)) WITHOUT ROWID;
-- Wraps at the gate, for each mailbox of their thread: an erasure deletes them.
CREATE TABLE wrap (mailbox BLOB NOT NULL, name BLOB NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (mailbox, name)) WITHOUT ROWID;
-- Keys from wraps for entries that this desk has not read yet.
CREATE TABLE wrapped_key (letter_id BLOB PRIMARY KEY, key BLOB NOT NULL, round INTEGER NOT NULL) WITHOUT ROWID;
-- Entries from before this desk's time that nothing opens, and (locked) those of locked cases that it may not read.
CREATE TABLE before (idx INTEGER PRIMARY KEY, letter_id BLOB, commitment BLOB NOT NULL, locked INTEGER NOT NULL DEFAULT 0);
CREATE INDEX before_commitment ON before (commitment);
-- Rosters and trees as other desks say they saw them; own is this desk's chain.
CREATE TABLE roster (serial INTEGER NOT NULL, hash BLOB NOT NULL, own INTEGER NOT NULL, by TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (serial, hash)) WITHOUT ROWID;
CREATE TABLE shown (size INTEGER NOT NULL, root BLOB NOT NULL, by TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, judged INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (size, root)) WITHOUT ROWID;
CREATE TABLE epoch (n INTEGER PRIMARY KEY, began INTEGER NOT NULL DEFAULT 0, destroyed INTEGER NOT NULL DEFAULT 0);

-- Locked cases, as the newest notice says. case_key has keys on the desks of named specialists only; a case gets one more with every specialist that leaves.
-- custodian: it came by a recovery, whose desk reads the case whoever is named, until it names somebody itself.
-- idx is the notice's place in the log; came counts letters that this desk may not read.
CREATE TABLE locked (
	case_id BLOB PRIMARY KEY, thread INTEGER NOT NULL, recipient TEXT NOT NULL, specialists TEXT NOT NULL, idx INTEGER NOT NULL,
	came INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0, wrapped_epoch INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE locked_mailbox (mailbox BLOB PRIMARY KEY, case_id BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE case_key (case_id BLOB NOT NULL, recipient TEXT NOT NULL, identity TEXT NOT NULL, custodian INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (case_id, recipient)) WITHOUT ROWID;
-- Letters sealed to a locked case's key that its specialists say are theirs.
CREATE TABLE ours (letter_id BLOB PRIMARY KEY, case_id BLOB NOT NULL) WITHOUT ROWID;

DELETE FROM meta WHERE k IN ('size', 'edge', 'verified_size', 'verified_edge');
UPDATE letter SET idx = -1;
UPDATE reply SET copy_idx = -1;
UPDATE notice SET idx = -1;
DELETE FROM absent;
`
