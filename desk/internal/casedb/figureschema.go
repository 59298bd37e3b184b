package casedb

// figureSchema is the part of schema3 that figures are read from: what of each opened case is counted, and sums that triggers keep, so that a page of figures costs as much
// with a million cases as with fifty. Months are numbers, 202611, in UTC; 0 for none. Clocks are those of rules/pathways/_common.yaml in seconds (a test compares them).
//
// since is when the first letter came: its own time where that fits the hour that the gate wrote down, else that hour. late: 0 there was no letter to answer, 1 the first
// answer came within the clock, 2 after it, 3 there was none.
const figureSchema = `
CREATE TABLE counted (
	thread INTEGER PRIMARY KEY, opened INTEGER NOT NULL, closed INTEGER NOT NULL, urgency INTEGER NOT NULL, walled INTEGER NOT NULL, outcome TEXT NOT NULL, pathways TEXT NOT NULL,
	district TEXT NOT NULL, since INTEGER NOT NULL, answered INTEGER NOT NULL, linked INTEGER NOT NULL,
	late INTEGER AS (CASE WHEN since = 0 THEN 0 WHEN answered = 0 THEN 3 WHEN answered - since <= (CASE urgency WHEN 1 THEN 900 WHEN 2 THEN 7200 ELSE 86400 END) THEN 1 ELSE 2 END)
);
CREATE INDEX counted_walled ON counted (walled) WHERE walled > 0;
CREATE TABLE figure (
	opened INTEGER NOT NULL, closed INTEGER NOT NULL, urgency INTEGER NOT NULL, walled INTEGER NOT NULL, outcome TEXT NOT NULL, pathways TEXT NOT NULL, late INTEGER NOT NULL,
	n INTEGER NOT NULL, PRIMARY KEY (opened, closed, urgency, walled, outcome, pathways, late)
) WITHOUT ROWID;
CREATE TABLE figure_district (opened INTEGER NOT NULL, district TEXT NOT NULL, walled INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (opened, district, walled)) WITHOUT ROWID;

-- Deadlines of tasks, of closed cases too. state: 1 done in time, 2 done too late, 3 open. What was dropped is not counted, nor what nobody did in a case that was closed.
CREATE TABLE counted_task (
	thread INTEGER NOT NULL, task TEXT NOT NULL, month INTEGER NOT NULL, due INTEGER NOT NULL, basis TEXT NOT NULL, state INTEGER NOT NULL, walled INTEGER NOT NULL,
	PRIMARY KEY (thread, task)
) WITHOUT ROWID;
CREATE INDEX counted_task_open ON counted_task (due) WHERE state = 3;
CREATE TABLE figure_task (month INTEGER NOT NULL, basis TEXT NOT NULL, state INTEGER NOT NULL, walled INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (month, basis, state, walled)) WITHOUT ROWID;

-- What was counted of cases that are erased: sums, which name nobody. Those of locked cases go with them.
CREATE TABLE erased_figure (
	opened INTEGER NOT NULL, closed INTEGER NOT NULL, urgency INTEGER NOT NULL, outcome TEXT NOT NULL, pathways TEXT NOT NULL, late INTEGER NOT NULL, n INTEGER NOT NULL,
	PRIMARY KEY (opened, closed, urgency, outcome, pathways, late)
) WITHOUT ROWID;

CREATE TRIGGER counted_in AFTER INSERT ON counted WHEN NOT new.linked BEGIN
	INSERT INTO figure VALUES (new.opened, new.closed, new.urgency, new.walled, new.outcome, new.pathways, new.late, 1) ON CONFLICT DO UPDATE SET n = n + 1;
	INSERT INTO figure_district VALUES (new.opened, new.district, new.walled, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counted_out AFTER DELETE ON counted WHEN NOT old.linked BEGIN
	UPDATE figure SET n = n - 1 WHERE (opened, closed, urgency, walled, outcome, pathways, late) = (old.opened, old.closed, old.urgency, old.walled, old.outcome, old.pathways, old.late);
	DELETE FROM figure WHERE (opened, closed, urgency, walled, outcome, pathways, late) = (old.opened, old.closed, old.urgency, old.walled, old.outcome, old.pathways, old.late) AND n <= 0;
	UPDATE figure_district SET n = n - 1 WHERE (opened, district, walled) = (old.opened, old.district, old.walled);
	DELETE FROM figure_district WHERE (opened, district, walled) = (old.opened, old.district, old.walled) AND n <= 0;
END;
CREATE TRIGGER counted_moved AFTER UPDATE ON counted WHEN
	(old.opened, old.closed, old.urgency, old.walled, old.outcome, old.pathways, old.late, old.district, old.linked) <>
	(new.opened, new.closed, new.urgency, new.walled, new.outcome, new.pathways, new.late, new.district, new.linked) BEGIN
	UPDATE figure SET n = n - 1 WHERE NOT old.linked AND (opened, closed, urgency, walled, outcome, pathways, late) = (old.opened, old.closed, old.urgency, old.walled, old.outcome, old.pathways, old.late);
	DELETE FROM figure WHERE (opened, closed, urgency, walled, outcome, pathways, late) = (old.opened, old.closed, old.urgency, old.walled, old.outcome, old.pathways, old.late) AND n <= 0;
	UPDATE figure_district SET n = n - 1 WHERE NOT old.linked AND (opened, district, walled) = (old.opened, old.district, old.walled);
	DELETE FROM figure_district WHERE (opened, district, walled) = (old.opened, old.district, old.walled) AND n <= 0;
	INSERT INTO figure SELECT new.opened, new.closed, new.urgency, new.walled, new.outcome, new.pathways, new.late, 1 WHERE NOT new.linked ON CONFLICT DO UPDATE SET n = n + 1;
	INSERT INTO figure_district SELECT new.opened, new.district, new.walled, 1 WHERE NOT new.linked ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counted_task_in AFTER INSERT ON counted_task BEGIN
	INSERT INTO figure_task VALUES (new.month, new.basis, new.state, new.walled, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counted_task_out AFTER DELETE ON counted_task BEGIN
	UPDATE figure_task SET n = n - 1 WHERE (month, basis, state, walled) = (old.month, old.basis, old.state, old.walled);
	DELETE FROM figure_task WHERE (month, basis, state, walled) = (old.month, old.basis, old.state, old.walled) AND n <= 0;
END;
-- The first answer, also one that another desk wrote; and a conversation that turns out to belong to another case, which is counted there.
CREATE TRIGGER counted_answered AFTER INSERT ON reply WHEN new.tag = 'ok' BEGIN
	UPDATE counted SET answered = new.at WHERE thread = new.thread AND (answered = 0 OR answered > new.at);
END;
CREATE TRIGGER counted_set AFTER UPDATE OF urgency, district ON thread WHEN (old.urgency, old.district) <> (new.urgency, new.district) BEGIN
	UPDATE counted SET urgency = new.urgency, district = new.district WHERE thread = new.id;
END;
CREATE TRIGGER counted_linked AFTER UPDATE OF home ON thread WHEN (old.home <> 0) <> (new.home <> 0) BEGIN
	UPDATE counted SET linked = (new.home <> 0) WHERE thread = new.id;
END;
`
