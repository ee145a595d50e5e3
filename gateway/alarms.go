package gateway

import (
	"context"

	"htgateway/gateway/incident"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident/alarm"
	"htgateway/gateway/journal"
)

// newAlarms makes the engine that watches the procedure's clocks.
func (g *Gateway) newAlarms() *alarm.Engine {
	return alarm.New(g.journal, g.fold, g.updates, alarm.Options{
		Plan: g.c.Plan, Roster: g.units(), Now: g.o.Now, Speed: g.o.Speed,
		Radio: g.c.Alarms.Radio, RadioText: g.c.Alarms.RadioText,
		Send: func(ctx context.Context, unit, key, text string) error {
			_, err := g.desk.Send(ctx, incident.Actor{By: journal.BySOP, Key: key}, unit, desk.Message{Text: text})
			return err
		},
		Log: g.o.Log,
	})
}

// openAlarms counts the alarms at which a dispatcher has still to look, by kind.
func (g *Gateway) openAlarms() map[string]int {
	out := map[string]int{journal.AlarmWarning: 0, journal.AlarmBreach: 0}
	for _, a := range g.fold.OpenAlarms() {
		out[a.Kind]++
	}
	return out
}
