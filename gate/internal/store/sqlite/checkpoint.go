package sqlite

import sqlite3 "github.com/ncruces/go-sqlite3"

// checkpointPages is how long the write-ahead log gets before it is moved into the file: 32 MiB of pages. Longer takes more disk,
// shorter writes the pages of the indexes more often.
const checkpointPages = 4000

// wrote is told by SQLite after each commit how many pages the write-ahead log has.
func (db *DB) wrote(_ *sqlite3.Conn, _ string, pages int) error {
	if pages >= checkpointPages {
		select {
		case db.long <- struct{}{}:
		default: // told already
		}
	}
	return nil
}

// checkpoints moves the write-ahead log into the file whenever it is long, beside the commits: inside of one, all senders would wait
// for it.
func (db *DB) checkpoints() {
	defer close(db.checked)
	for range db.long {
		db.checkpoint()
	}
}

// checkpoint moves all pages but the newest while commits go on, then these while none does: only a log that is moved whole is begun
// anew. A fault leaves pages where they are, durable, for the next time.
func (db *DB) checkpoint() {
	db.check.Lock()
	defer db.check.Unlock()
	passive := func(c *conn) error {
		_, _, err := c.c.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
		return err
	}
	if db.reading(passive) != nil {
		return
	}
	_ = db.besideWriting(func(c *conn) error {
		select {
		case <-db.long: // told by the commits meanwhile; theirs is moved now
		default:
		}
		return passive(c)
	})
}

// endCheckpoints waits for the one under way. Nothing is written afterwards.
func (db *DB) endCheckpoints() {
	db.closing.Do(func() {
		db.write.Lock()
		db.w.c.WALHook(nil)
		db.write.Unlock()
		close(db.long)
	})
	<-db.checked
}
