package fold

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"

	"panah/core/event"
)

// history is a set of events in their order: parents before children; of events that say nothing of each other those with a place first, by place, then by hash. Parents decide
// what is at once, so that whoever gives the places (the gate) decides ties only.
type history struct {
	events []Entry
	past   []past // of each event, in the same order
	leaf   []bool // no other event names it as parent
}

// at is the position of an event in the order.
type at = int

// arrange makes the order. Events of other cases are passed over, and of the same event told twice one is left.
func arrange(id event.Case, events []Entry) history {
	set := distinct(id, events)
	index := make(map[event.Hash]int, len(set))
	for i := range set {
		index[set[i].Hash] = i
	}
	waits := make([]int, len(set)) // parents that are not in order yet
	children := make([][]int, len(set))
	for i := range set {
		for _, p := range set[i].Parents {
			if j, here := index[p]; here {
				waits[i]++
				children[j] = append(children[j], i)
			}
		}
	}
	h := history{make([]Entry, 0, len(set)), make([]past, 0, len(set)), make([]bool, 0, len(set))}
	place := make([]at, len(set))
	next := ready{set: set}
	for i, n := range waits {
		if n == 0 {
			next.at = append(next.at, i)
		}
	}
	heap.Init(&next)
	parents := make([]at, 0, event.MaxParents)
	for len(next.at) > 0 {
		i, _ := heap.Pop(&next).(int)
		place[i] = len(h.events)
		parents = parents[:0]
		for _, p := range set[i].Parents {
			if j, here := index[p]; here {
				parents = append(parents, place[j])
			}
		}
		h.past = append(h.past, h.join(parents))
		h.events = append(h.events, set[i])
		h.leaf = append(h.leaf, len(children[i]) == 0)
		for _, c := range children[i] {
			if waits[c]--; waits[c] == 0 {
				heap.Push(&next, c)
			}
		}
	}
	return h
}

// distinct keeps one of each event: with its earliest place, and the longer note (a signature may have been dropped from the other).
func distinct(id event.Case, events []Entry) []Entry {
	seen := make(map[event.Hash]int, len(events))
	set := make([]Entry, 0, len(events))
	for _, e := range events {
		if e.Case != id || e.Body == nil {
			continue
		}
		e.Place = max(e.Place, -1)
		i, again := seen[e.Hash]
		if !again {
			seen[e.Hash] = len(set)
			set = append(set, e)
			continue
		}
		placed := set[i].Place
		if e.Place >= 0 && (placed < 0 || e.Place < placed) {
			placed = e.Place
		}
		if len(e.Note) > len(set[i].Note) || len(e.Note) == len(set[i].Note) && bytes.Compare(e.Note, set[i].Note) > 0 {
			set[i] = e
		}
		set[i].Place = placed
	}
	return set
}

// before is the order of events that say nothing of each other.
func before(a, b *Entry) bool {
	if (a.Place >= 0) != (b.Place >= 0) {
		return a.Place >= 0
	}
	if c := cmp.Compare(a.Place, b.Place); c != 0 {
		return c < 0
	}
	return bytes.Compare(a.Hash[:], b.Hash[:]) < 0
}

// ready is a heap of the events whose parents are in order.
type ready struct {
	set []Entry
	at  []int
}

func (r *ready) Len() int           { return len(r.at) }
func (r *ready) Less(i, j int) bool { return before(&r.set[r.at[i]], &r.set[r.at[j]]) }
func (r *ready) Swap(i, j int)      { r.at[i], r.at[j] = r.at[j], r.at[i] }

// Push and Pop are heap.Interface.
func (r *ready) Push(x any) {
	if i, ok := x.(int); ok {
		r.at = append(r.at, i)
	}
}

func (r *ready) Pop() any {
	last := r.at[len(r.at)-1]
	r.at = r.at[:len(r.at)-1]
	return last
}

// past holds an event's ancestors: all positions before `all`, and those whose bit is set. Where desks tell each other what they know, the bits are few.
type past struct {
	all  at
	bits []uint64 // of positions from all&^63
}

func (p past) has(i at) bool {
	if i < p.all {
		return true
	}
	w := i>>6 - p.all>>6
	return w < len(p.bits) && p.bits[w]>>(i&63)&1 == 1
}

// join is the past of an event with these parents.
func (h history) join(parents []at) past {
	var all at
	top := -1
	for _, p := range parents {
		all, top = max(all, h.past[p].all), max(top, p)
		if h.past[p].all == p {
			all = max(all, p+1)
		}
	}
	if top < all {
		return past{all: all}
	}
	first := all >> 6
	bits := make([]uint64, top>>6-first+1)
	for _, p := range parents {
		from := h.past[p].all >> 6
		for w, b := range h.past[p].bits {
			if i := from + w - first; i >= 0 {
				bits[i] |= b
			}
		}
		if i := p>>6 - first; i >= 0 {
			bits[i] |= 1 << (p & 63)
		}
	}
	end := all
	for end <= top && bits[end>>6-first]>>(end&63)&1 == 1 {
		end++
	}
	if end > top {
		return past{all: end}
	}
	return past{end, bits[end>>6-first:]}
}

// knew reports whether event b had seen event a.
func (h history) knew(b, a at) bool { return a < b && h.past[b].has(a) }

// apart reports whether two events happened at once: neither had seen the other.
func (h history) apart(a, b at) bool { return a != b && !h.knew(a, b) && !h.knew(b, a) }

// heads are the newest events, sorted as parents are; of more than event.MaxParents the last in the order. The next event joins those, and its next the rest.
func (h history) heads() []event.Hash {
	var out []event.Hash
	for i := len(h.events) - 1; i >= 0 && len(out) < event.MaxParents; i-- {
		if h.leaf[i] {
			out = append(out, h.events[i].Hash)
		}
	}
	slices.SortFunc(out, func(a, b event.Hash) int { return bytes.Compare(a[:], b[:]) })
	return out
}
