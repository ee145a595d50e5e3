package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
		Long: "Erase takes the caller of an incident, named by its id, number or external id, out of the journal and out of all made of\n" +
			"it: notes, reasons and addresses that hold a name or number of the caller, also of incidents that it was merged with, what\n" +
			"was sent to the units on them, refused messages, dead letters, and files in the CAD's folder. The act itself stays: who,\n" +
			"when and why. A running gateway is asked over its API, with the token of its configuration. What other systems were\n" +
			"sent, and backups, are not reached.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&e.caller, "caller", "", "the incident whose caller is forgotten, by id, number or external id")
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
	log := newLog(c.Log, cmd.ErrOrStderr())
	j, err := sqlite.Open(cmd.Context(), datadir.Of(c).Journal(), sqlite.Options{Now: time.Now, Log: log})
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
	return e.here(cmd.Context(), c, j, log, cmd.OutOrStdout())
}

// here erases in the files of a gateway that does not run. The act is journaled
// first, so that an erasure which is cut short is seen and finished at the next start.
func (e erasing) here(ctx context.Context, c config.Config, j *sqlite.Journal, log *slog.Logger, out io.Writer) error {
	acts, err := readActs(ctx, j)
	if err != nil {
		return err
	}
	found, err := e.find(acts)
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
	results, err := j.Append(ctx, rec)
	if err != nil {
		return fmt.Errorf("cannot journal the erasure: %w", err)
	}
	done := act
	done.Seq = results[0].Seq
	state := stopped{acts: append(acts, &done), checkpoint: datadir.Of(c).Checkpoint()}
	eraser := erasure.Eraser{Journal: j, Updates: updates, State: state, Folder: c.CAD.Folder, Log: log}
	if err := eraser.Finish(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "the caller of incident %s is forgotten\n", found.number)
	return err
}

// find seeks the incident: by its id, else by its number, else by a CAD's id.
func (e erasing) find(acts []*incident.Act) (calledIn, error) {
	for _, names := range []func(*incident.Act) string{
		func(a *incident.Act) string { return a.Incident },
		func(a *incident.Act) string { return a.Opening.Number },
		func(a *incident.Act) string { return a.Opening.ExternalID },
	} {
		for _, a := range acts {
			if a.Opening == nil || names(a) != e.caller {
				continue
			}
			found := calledIn{id: a.Incident, number: a.Opening.Number}
			if caller := a.Opening.Caller; len(caller) > 2 && incident.NamesCaller(e.reason, []string{caller}) {
				return found, errors.New("--reason names the caller, and it stays in the journal")
			}
			return found, nil
		}
	}
	return calledIn{}, fmt.Errorf("%w: no incident %q", errData, e.caller)
}

// calledIn is an incident as the journal names it.
type calledIn struct{ id, number string }

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
		if resp.StatusCode == http.StatusNotFound {
			return fmt.Errorf("%w: no incident %q", errData, e.caller)
		}
		if resp.StatusCode != http.StatusOK {
			said, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
			return fmt.Errorf("the running gateway refuses: %s %s", resp.Status, said)
		}
		return json.NewDecoder(resp.Body).Decode(answer)
	}
	var after struct{ Number string }
	if err := do(http.MethodPost, base+"/"+url.PathEscape(e.caller)+"/erase", map[string]string{"reason": e.reason + " (" + e.by + ")"}, &after); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "the caller of incident %s is forgotten\n", after.Number)
	return err
}
