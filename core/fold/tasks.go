package fold

import (
	"slices"
	"time"

	"panah/core/event"
	"panah/core/pathway"
)

// States of a task.
const (
	TaskOpen    = "open"
	TaskDone    = "done"
	TaskDropped = "dropped"
)

// tasks keeps what was said of each task. What is said of one that was not added yet (its event is on its way) waits.
type tasks struct {
	by    map[string]*task
	order []*task // in the order they were first spoken of
}

type task struct {
	id       string
	added    register[event.TaskAdded]
	first    at            // where it was added first
	due      register[due] // added and moved
	finished register[time.Time]
	state    words
	done     int
	change   at // last
	note     string
}

// due is a deadline; a person who moved one knew more than the pathway that gave it.
type due struct {
	text  string
	moved bool
}

func (t *tasks) get(id string) *task {
	k, known := t.by[id]
	if !known {
		k = &task{id: id}
		t.by[id], t.order = k, append(t.order, k)
	}
	return k
}

// add puts a task on the list. Two desks that follow a pathway at once add the same task: it is one, with the words of the first. Adding says nothing of a task that is done
// already, and opens one that was dropped.
func (t *tasks) add(h history, i at, body event.TaskAdded) {
	k := t.get(body.Task)
	if len(k.added) == 0 {
		k.first = i
	}
	k.added = k.added.set(h, i, body)
	if body.Due != "" {
		k.due = k.due.set(h, i, due{body.Due, false})
	}
	dropped := func(v said[string]) bool { return v.value == TaskDropped && h.knew(i, v.at) }
	if slices.ContainsFunc(k.state, dropped) {
		k.state = k.state.set(h, i, TaskOpen)
	}
	k.change = i
}

func (t *tasks) move(h history, i at, body event.TaskMoved) {
	k := t.get(body.Task)
	k.due, k.finished, k.change = k.due.set(h, i, due{body.Due, true}), k.finished.forget(h, i), i
}

func (t *tasks) say(h history, i at, body event.TaskState) {
	k := t.get(body.Task)
	k.state, k.change, k.note = k.state.set(h, i, body.State), i, body.Note
	if body.State == TaskDone {
		k.done++
		k.finished = k.finished.set(h, i, h.events[i].At)
	}
}

func (t *tasks) list(h history) []Task {
	var out []Task
	added := slices.DeleteFunc(slices.Clone(t.order), func(k *task) bool { return len(k.added) == 0 })
	slices.SortFunc(added, func(a, b *task) int { return a.first - b.first })
	for _, k := range added {
		out = append(out, k.task(h))
	}
	return out
}

func (k *task) task(h history) Task {
	last := &h.events[k.change]
	t := Task{TaskAdded: k.added[0].value, Done: k.done, By: last.Author, At: last.At, Note: k.note, AddedAt: h.events[k.first].At}
	again, err := pathway.ParseDuration(t.Repeat)
	repeats := err == nil && again > 0
	states := k.states(h, repeats && (t.Times == 0 || k.done < t.Times))
	dues := k.dues(h, again, repeats)
	t.State, t.Due = stateOf(states), dueOf(dues)
	if Field(states).Conflict() || Field(dues).Conflict() {
		t.Clash, t.States, t.Dues = true, states, dues
	}
	return t
}

// states are what desks say now; a repeated task that was done and has to be done again is open.
func (k *task) states(h history, again bool) (out []Value) {
	for _, v := range h.field(k.state) {
		if again && v.Text == TaskDone {
			v.Text = TaskOpen
		}
		out = append(out, v)
	}
	return out
}

// stateOf is what counts until somebody decides: what may still have to be done stays on the list.
func stateOf(values []Value) string {
	says := func(s string) bool { return slices.ContainsFunc(values, func(v Value) bool { return v.Text == s }) }
	switch {
	case len(values) == 0 || says(TaskOpen):
		return TaskOpen
	case says(TaskDone):
		return TaskDone
	}
	return TaskDropped
}

// dues are the deadlines that stand: what people moved it to, else what the pathway gave. A repeated task that was done has its next deadline from then; done twice at once, from
// the later.
func (k *task) dues(h history, again time.Duration, repeats bool) (out []Value) {
	standing := k.due
	var last *said[time.Time]
	if repeats {
		standing = slices.DeleteFunc(slices.Clone(standing), func(v said[due]) bool {
			return slices.ContainsFunc(k.finished, func(f said[time.Time]) bool { return !v.value.moved || h.knew(f.at, v.at) })
		})
		for i, f := range k.finished {
			if last == nil || f.value.After(last.value) {
				last = &k.finished[i]
			}
		}
	}
	moved := standing.any(func(d due) bool { return d.moved })
	for _, v := range standing {
		if v.value.moved == moved {
			out = append(out, h.value(v.at, v.value.text))
		}
	}
	if last != nil {
		out = append(out, h.value(last.at, last.value.Add(again).UTC().Format(time.RFC3339)))
	}
	return out
}

// dueOf is the earliest: what counts until somebody decides.
func dueOf(values []Value) (first time.Time) {
	for _, v := range values {
		if t, err := time.Parse(time.RFC3339, v.Text); err == nil && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
