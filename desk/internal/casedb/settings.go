package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Setting returns what this desk was set to; "" when nobody has. Settings stay on the desk.
func (d *DB) Setting(ctx context.Context, key string) (value string, err error) {
	err = d.sql.QueryRowContext(ctx, "SELECT v FROM setting WHERE k = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading a setting: %w", err)
	}
	return value, nil
}

// SetSetting keeps a setting; "" takes it off.
func (d *DB) SetSetting(ctx context.Context, key, value string) error {
	query, args := "INSERT INTO setting (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", []any{key, value}
	if value == "" {
		query, args = "DELETE FROM setting WHERE k = ?", []any{key}
	}
	if _, err := d.sql.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("keeping a setting: %w", err)
	}
	return nil
}
