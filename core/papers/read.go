package papers

import "time"

func read(text string, today time.Time) (MRZ, error) { return MRZ{}, ErrNotMRZ }
