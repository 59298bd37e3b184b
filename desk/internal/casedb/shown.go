package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"panah/core/ledger"
)

// A Shown is what another desk said it had seen: docs/formats-keys.md, section 9.
type Shown struct {
	Serial int
	Roster [32]byte // SHA-256 of the signed roster
	Tree   ledger.Tree
	By     string   // id of the letter that says so
	Judged bool     // the tree was compared with ours already
	Fork   *Finding // Judged: it is not the beginning of ours
}

// maxShown bounds what waits for a proof. Only our own desks add to it.
const maxShown = 2000

// OwnRosters records the hashes of rosters that this desk verified in the chain. What other desks were shown is held against them.
func (d *DB) OwnRosters(ctx context.Context, hashes map[int][32]byte, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for serial, h := range hashes {
			if _, err := tx.Exec("INSERT INTO roster (serial, hash, own, by) VALUES (?,?,1,'') ON CONFLICT (serial, hash) DO UPDATE SET own = 1", serial, h[:]); err != nil {
				return fmt.Errorf("recording rosters: %w", err)
			}
		}
		return raiseRosters(tx, now)
	})
}

// raiseRosters raises an alarm for each roster that another desk was shown and that is not the one of its number in our chain, once.
func raiseRosters(tx *sql.Tx, now time.Time) error {
	rows, err := tx.Query(`SELECT o.serial, o.hash, r.hash, o.by FROM roster o JOIN roster r ON r.serial = o.serial AND r.own
		WHERE NOT o.own AND NOT o.told AND NOT EXISTS (SELECT 1 FROM roster s WHERE s.serial = o.serial AND s.hash = o.hash AND s.own)`)
	if err != nil {
		return fmt.Errorf("comparing rosters: %w", err)
	}
	defer rows.Close()
	var found []Finding
	for rows.Next() {
		var serial int64
		var theirs, ours []byte
		var by string
		if err := rows.Scan(&serial, &theirs, &ours, &by); err != nil {
			return fmt.Errorf("comparing rosters: %w", err)
		}
		found = append(found, Finding{
			Kind: AlarmShown, Args: map[string]int64{"serial": serial},
			Evidence: []string{fmt.Sprintf("shown to the other desk: roster %d with SHA-256 %x", serial, theirs), fmt.Sprintf("shown to this desk: %x", ours), "said in letter " + by},
		})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("comparing rosters: %w", err)
	}
	for _, f := range found {
		if err := raise(tx, f, now); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return nil
	}
	_, err = tx.Exec("UPDATE roster SET told = 1 WHERE NOT own AND serial IN (SELECT serial FROM roster WHERE own)")
	return err
}

// SawShown records what other desks say they were shown: rosters are compared now or when this desk has that roster; trees wait for a proof, unless
// they were judged before.
func (d *DB) SawShown(ctx context.Context, list []Shown, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for _, s := range list {
			if _, err := tx.Exec("INSERT INTO roster (serial, hash, own, by) VALUES (?,?,0,?) ON CONFLICT DO NOTHING", s.Serial, s.Roster[:], s.By); err != nil {
				return fmt.Errorf("recording what another desk saw: %w", err)
			}
			if s.Tree.Size == 0 {
				continue
			}
			if s.Judged && s.Fork == nil {
				continue
			}
			res, err := tx.Exec("INSERT INTO shown (size, root, by, judged) SELECT ?1, ?2, ?3, ?5 WHERE ?5 OR (SELECT count(*) FROM shown WHERE judged = 0) < ?4 ON CONFLICT DO NOTHING",
				s.Tree.Size, s.Tree.Root[:], s.By, maxShown, s.Judged)
			if err != nil {
				return fmt.Errorf("recording what another desk saw: %w", err)
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 || s.Fork == nil {
				if err != nil {
					return fmt.Errorf("recording what another desk saw: %w", err)
				}
				continue // told once: people may have resolved it
			}
			if err := raise(tx, *s.Fork, now); err != nil {
				return err
			}
		}
		return raiseRosters(tx, now)
	})
}

// A Claim is a tree of the gate's log that another desk saw and that nothing has proved to be in ours yet.
type Claim struct {
	ledger.Tree
	By    string
	Tries int // times the gate was asked for a proof and gave none
}

// Claims returns claims about trees of at most size entries, the largest first.
func (d *DB) Claims(ctx context.Context, size int64, limit int) (list []Claim, err error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT size, root, by, tries FROM shown WHERE judged = 0 AND size <= ? ORDER BY tries, size DESC LIMIT ?", size, limit)
	if err != nil {
		return nil, fmt.Errorf("reading what other desks saw: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Claim
		var root []byte
		if err := rows.Scan(&c.Size, &root, &c.By, &c.Tries); err != nil {
			return nil, fmt.Errorf("reading what other desks saw: %w", err)
		}
		copy(c.Root[:], root)
		list = append(list, c)
	}
	return list, rows.Err()
}

// Judge records how a claim came out: true, false with a finding, or no proof (tried) with a finding once there is one.
func (d *DB) Judge(ctx context.Context, c Claim, tried bool, f *Finding, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		q := "UPDATE shown SET judged = 1 WHERE size = ? AND root = ?"
		if tried {
			q = "UPDATE shown SET tries = tries + 1 WHERE size = ? AND root = ?"
		}
		if _, err := tx.Exec(q, c.Size, c.Root[:]); err != nil {
			return fmt.Errorf("judging what another desk saw: %w", err)
		}
		if f == nil {
			return nil
		}
		return raise(tx, *f, now)
	})
}
