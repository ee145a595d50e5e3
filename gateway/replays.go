package gateway

import (
	"context"

	"htgateway/gateway/history/replay"
)

// replay tells a past period from the journal, under the present roster and plan.
func (g *Gateway) replay(ctx context.Context, a replay.Ask, tell func(replay.Moment) error) error {
	a.Settings, _ = g.trackerSettings()
	return replay.Run(ctx, g.journal, a, tell)
}
