package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/retention/erasure"
	"htgateway/gateway/state/fold"
)

// erasing is what the erase command was asked for.
type erasing struct {
	caller, by, reason, data, config string
}

func newEraseCommand() *cobra.Command {
	var e erasing
	cmd := &cobra.Command{
		Use:   "erase --caller INCIDENT --by NAME --reason TEXT (--data DIR | --config FILE)",
		Short: "Forget who called about an incident, in the journal too",
		Long: "Erase takes the caller of an incident, named by its id or number, out of the journal and out of everything made of it,\n" +
			"also from notes that quote the entry word for word. The act itself stays: who, when and why. A running gateway is asked\n" +
			"over its API, with the token of its configuration. What other systems were sent, the files that a CAD left in its\n" +
			"folder, and backups are not reached.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&e.caller, "caller", "", "the incident whose caller is forgotten, by id or number")
	f.StringVar(&e.by, "by", "", "who decided it")
	f.StringVar(&e.reason, "reason", "", "why, as the journal keeps it")
	f.StringVar(&e.data, "data", "", "a gateway's data directory that holds its htgateway.yaml, such as a demo's")
	f.StringVar(&e.config, "config", "", "the gateway's configuration")
	for _, flag := range []string{"caller", "by", "reason"} {
		_ = cmd.MarkFlagRequired(flag) // it is defined above
	}
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func (e erasing) run(cmd *cobra.Command) error {
	if strings.TrimSpace(e.by) == "" || strings.TrimSpace(e.reason) == "" {
		return errors.New("--by and --reason must say something: they stay in the journal")
	}
	c, err := datadir.LoadConfig(e.data, e.config)
	if err != nil {
		return err
	}
	j, err := sqlite.Open(cmd.Context(), datadir.Of(c).Journal(), sqlite.Options{Now: time.Now, Log: newLog(c.Log, cmd.ErrOrStderr())})
	if errors.Is(err, journal.ErrInUse) {
		return e.ask(cmd.Context(), c, cmd.OutOrStdout())
	}
	if err != nil {
		return err
	}
	defer j.Close()
	if c.Journal.URL != "" {
		return errors.New("the journal is shared: run this where the area's active gateway runs, which then erases everywhere")
	}
	return e.here(cmd.Context(), c, j, cmd.OutOrStdout())
}

// here erases in the files of a gateway that does not run. The act is journaled
// first, so that an erasure which is cut short is seen and can be asked for again.
func (e erasing) here(ctx context.Context, c config.Config, j *sqlite.Journal, out io.Writer) error {
	found, err := e.find(ctx, j)
	if err != nil {
		return err
	}
	updates, err := datadir.Of(c).OpenUpdates(ctx)
	if err != nil {
		return err
	}
	defer updates.Close()
	now := time.Now().UTC()
	act := incident.Act{
		ID: "a" + journal.Digest(string(incident.ActErase), found.id, e.by, rand.Text()), Kind: incident.ActErase,
		Incident: found.id, By: e.by, At: now, Reason: e.reason,
	}
	rec, err := journal.NewRecord(journal.KindAct, act.ID, now, act)
	if err != nil {
		return err
	}
	if _, err := j.Append(ctx, rec); err != nil {
		return fmt.Errorf("cannot journal the erasure: %w", err)
	}
	if err := fold.RemoveCheckpoint(datadir.Of(c).Checkpoint()); err != nil {
		return err
	}
	if err := erasure.Caller(ctx, j, updates, found.id, found.acts); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "the caller of incident %s is forgotten\n", found.number)
	return err
}

// calledIn is what a journal tells of one incident.
type calledIn struct {
	id, number, caller string
	acts               []string
}

// find seeks the incident and its acts in the journal.
func (e erasing) find(ctx context.Context, j *sqlite.Journal) (calledIn, error) {
	acts := map[string][]string{}
	var found calledIn
	for entry, err := range journal.All(ctx, j, 0) {
		if err != nil {
			return found, err
		}
		if entry.Kind != journal.KindAct {
			continue
		}
		ev, _, err := incident.EventOf(entry)
		if err != nil {
			return found, err
		}
		acts[ev.Act.Incident] = append(acts[ev.Act.Incident], entry.ID)
		if o := ev.Act.Opening; o != nil && (ev.Act.Incident == e.caller || o.Number == e.caller) {
			found = calledIn{id: ev.Act.Incident, number: o.Number, caller: o.Caller}
		}
	}
	switch {
	case found.id == "":
		return found, fmt.Errorf("%w: no incident %q", errData, e.caller)
	case len(found.caller) > 2 && strings.Contains(e.reason, found.caller):
		return found, errors.New("--reason names the caller, and it stays in the journal")
	}
	found.acts = acts[found.id]
	return found, nil
}

// askWithin bounds one request to a running gateway.
const askWithin = 30 * time.Second

// ask has the running gateway erase. The journal names its token's holder as who
// did it, and the reason says on whose behalf.
func (e erasing) ask(ctx context.Context, c config.Config, out io.Writer) error {
	scheme := "http"
	if c.HTTP.TLSCert != "" {
		scheme = "https"
	}
	base := scheme + "://" + c.HTTP.Listen + "/api/v1/incidents"
	client := http.Client{Timeout: askWithin}
	do := func(method, address string, body, answer any) error {
		payload, err := json.Marshal(body)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(payload))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		if c.HTTP.Token != "" {
			req.Header.Set("Authorization", "Bearer "+string(c.HTTP.Token))
		}
		resp, err := client.Do(req)
		if err != nil {
			return fmt.Errorf("the gateway runs and cannot be asked: %w", err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			said, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
			return fmt.Errorf("the running gateway refuses: %s %s", resp.Status, said)
		}
		return json.NewDecoder(resp.Body).Decode(answer)
	}
	var known struct {
		Incidents []struct{ ID, Number string }
	}
	if err := do(http.MethodGet, base, nil, &known); err != nil {
		return err
	}
	for _, in := range known.Incidents {
		if in.ID != e.caller && in.Number != e.caller {
			continue
		}
		var after struct{}
		if err := do(http.MethodPost, base+"/"+url.PathEscape(in.ID)+"/erase", map[string]string{"reason": e.reason + " (" + e.by + ")"}, &after); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "the caller of incident %s is forgotten\n", in.Number)
		return err
	}
	return fmt.Errorf("%w: no incident %q", errData, e.caller)
}
