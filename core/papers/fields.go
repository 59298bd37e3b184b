package papers

// Named is one field by its name in JSON, as text.
type Named struct {
	Name, Text string
}

// List is the fields that the layout has and the zone filled, in the order in which people read them. Dates are written
// as [Date.String] does.
func (f Fields) List() []Named {
	all := []Named{
		{fCode, f.DocumentCode},
		{fState, f.IssuingState},
		{fNumber, f.DocumentNumber},
		{fSurname, f.Surname},
		{fGiven, f.GivenNames},
		{fNation, f.Nationality},
		{fBirth, f.BirthDate.String()},
		{fSex, f.Sex},
		{fExpiry, f.ExpiryDate.String()},
		{fIssue, f.IssueDate.String()},
		{fOffice, f.IssuingOffice},
		{fOptional, f.OptionalData},
		{fOptional2, f.OptionalData2},
	}
	out := all[:0]
	for _, n := range all {
		if n.Text != "" {
			out = append(out, n)
		}
	}
	return out
}

// Map is List by name, as `panah papers mrz` prints it; nil when nothing was read.
func (f Fields) Map() map[string]string {
	var out map[string]string
	for _, n := range f.List() {
		if out == nil {
			out = map[string]string{}
		}
		out[n.Name] = n.Text
	}
	return out
}

// Centuries are the reasons for the century of each date, by field; nil when no date has one.
func (f Fields) Centuries() map[string]string {
	var out map[string]string
	for _, d := range [...]struct {
		name string
		date Date
	}{{fBirth, f.BirthDate}, {fExpiry, f.ExpiryDate}, {fIssue, f.IssueDate}} {
		if d.date.Century == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[d.name] = string(d.date.Century) + ": " + d.date.Century.Text()
	}
	return out
}
