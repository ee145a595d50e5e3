package intake

import (
	"context"
	"log/slog"
)

// tell logs what became of a frame, at the level for debugging: the report's id is what
// htgateway trace asks for.
func (in *Intake) tell(f *fate) {
	if f.report == nil || !in.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	said := "report taken"
	if f.outcome == duplicate {
		said = "report heard again"
	}
	in.log.LogAttrs(context.Background(), slog.LevelDebug, said, slog.String("report", f.report.ID), slog.String("link", f.link), //nolint:sloglint // one of two constants
		slog.String("device", string(f.report.Device)), slog.String("kind", string(f.report.Kind)), slog.String("status", string(f.report.Status)))
}
