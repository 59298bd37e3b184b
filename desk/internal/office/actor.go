package office

import (
	"context"

	"panah/core/fold"
)

// actorKey is where a context keeps who is at the desk.
type actorKey struct{}

// As says in whose name what follows is done. Pages put the person of their session here; a context without one acts for the desk itself, with the desk's own role.
func As(ctx context.Context, a fold.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is who acts; the zero Actor is the desk itself.
func ActorOf(ctx context.Context) fold.Actor {
	a, _ := ctx.Value(actorKey{}).(fold.Actor)
	return a
}
