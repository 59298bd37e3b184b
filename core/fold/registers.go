package fold

import "panah/core/event"

// A register holds what was said of one thing by events that did not know of each other: saying something again takes away what the author had seen.
type register[T any] []said[T]

type said[T any] struct {
	at    at
	value T
}

// set puts the value of event i in place of those that i knew.
func (r register[T]) set(h history, i at, value T) register[T] {
	return append(r.forget(h, i), said[T]{i, value})
}

// forget takes away what event i knew.
func (r register[T]) forget(h history, i at) register[T] {
	kept := r[:0]
	for _, v := range r {
		if !h.knew(i, v.at) {
			kept = append(kept, v)
		}
	}
	return kept
}

// any reports whether one of the values is such.
func (r register[T]) any(is func(T) bool) bool {
	for _, v := range r {
		if is(v.value) {
			return true
		}
	}
	return false
}

// last is the last value in the order of events; the zero value for none.
func (r register[T]) last() (v T) {
	if len(r) > 0 {
		v = r[len(r)-1].value
	}
	return v
}

// words is a register of texts as a field of the case.
type words = register[string]

func (h history) field(r words) Field {
	var f Field
	for _, v := range r {
		f = append(f, h.value(v.at, v.value))
	}
	return f
}

func (h history) value(i at, text string) Value {
	e := &h.events[i]
	return Value{text, e.Author, e.At, e.Hash}
}

// fields are registers by name.
type fields map[string]words

func (f fields) set(h history, i at, name, text string) { f[name] = f[name].set(h, i, text) }

func (f fields) all(h history) map[string]Field {
	out := make(map[string]Field, len(f))
	for name, r := range f {
		out[name] = h.field(r)
	}
	return out
}

// flags are registers of on and off, by person or pathway.
type flags[K comparable] map[K]register[bool]

func (f flags[K]) set(h history, i at, key K, on bool) { f[key] = f[key].set(h, i, on) }

// somebody says that it is on; everybody says so.
func (f flags[K]) somebody(key K) bool { return f[key].any(func(on bool) bool { return on }) }

func (f flags[K]) everybody(key K) bool {
	return len(f[key]) > 0 && !f[key].any(func(on bool) bool { return !on })
}

// people is a set of staff in the order they came.
type people struct {
	on    flags[event.Staff]
	order []event.Staff
}

func (p *people) set(h history, i at, who event.Staff, on bool) {
	if _, known := p.on[who]; !known {
		p.order = append(p.order, who)
	}
	p.on.set(h, i, who, on)
}
