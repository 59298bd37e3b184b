package office

import "sync"

// A hub tells subscribers what changed. The zero hub works.
type hub struct {
	mu   sync.Mutex
	subs map[*subscriber]bool // guarded by mu
	shut bool                 // guarded by mu
}

// A subscriber collects changes that nobody has fetched yet, each once.
type subscriber struct {
	mu      sync.Mutex
	waiting []Change // guarded by mu
	wake    chan struct{}
	done    chan struct{}
	end     sync.Once
}

// maxWaiting bounds a subscriber that does not fetch; beyond it, single threads become "the list".
const maxWaiting = 64

func (h *hub) subscribe() (<-chan Change, func()) {
	s := &subscriber{wake: make(chan struct{}, 1), done: make(chan struct{})}
	out := make(chan Change)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shut {
		close(out)
		return out, func() {}
	}
	if h.subs == nil {
		h.subs = map[*subscriber]bool{}
	}
	h.subs[s] = true
	go s.pump(out)
	return out, func() {
		h.mu.Lock()
		delete(h.subs, s)
		h.mu.Unlock()
		s.stop()
	}
}

func (s *subscriber) stop() { s.end.Do(func() { close(s.done) }) }

// pump hands changes over as fast as they are fetched.
func (s *subscriber) pump(out chan<- Change) {
	defer close(out)
	for {
		select {
		case <-s.wake:
		case <-s.done:
			return
		}
		s.mu.Lock()
		changes := s.waiting
		s.waiting = nil
		s.mu.Unlock()
		for _, c := range changes {
			select {
			case out <- c:
			case <-s.done:
				return
			}
		}
	}
}

func (s *subscriber) add(c Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) >= maxWaiting {
		c = Change{Kind: ChangeThreads}
	}
	for _, w := range s.waiting {
		if w == c {
			return
		}
	}
	s.waiting = append(s.waiting, c)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (h *hub) say(changes ...Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		for _, c := range changes {
			s.add(c)
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shut = true
	for s := range h.subs {
		s.stop()
	}
	h.subs = nil
}
