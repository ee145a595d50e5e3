package gateway

import (
	"context"

	"htgateway/gateway/state/updatelog"
)

// deadLetters are the newest points that the store will never take, and how many
// there are.
func (g *Gateway) deadLetters(ctx context.Context, limit int) ([]updatelog.DeadLetter, int, error) {
	letters, err := g.updates.DeadLetters(ctx, limit)
	if err != nil {
		return nil, 0, err
	}
	n, err := g.updates.CountDeadLetters(ctx)
	return letters, n, err
}
