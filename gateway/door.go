package gateway

import (
	"context"
	"crypto/rand"
	"time"

	"htgateway/gateway/datadir"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/journal"
)

// openDoor makes what tells who makes a request. Sessions live by the real clock
// also where the gateway's is simulated.
func (g *Gateway) openDoor() error {
	var err error
	g.door, err = signin.New(signin.Options{
		UsersFile: g.c.HTTP.UsersFile, SessionsFile: datadir.Of(g.c).Sessions(), Verifier: g.verifier,
		Token: string(g.c.HTTP.Token), OIDC: g.c.HTTP.Vouching(), Now: time.Now, Log: g.o.Log, Note: g.noteAttempt,
	})
	return err
}

// noteAttempt journals a sign-in, so that the record of acts says who was there.
// A journal that cannot be written does not keep a dispatcher out.
func (g *Gateway) noteAttempt(a signin.Attempt) {
	rec, err := journal.NewRecord(journal.KindSignIn, "s"+journal.Digest(a.Name, a.What, rand.Text()), a.At, a)
	if err != nil {
		g.o.Log.Error("sign-in cannot be encoded", "reason", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	if _, err := g.journal.Append(ctx, rec); err != nil {
		g.o.Log.Warn("sign-in not journaled", "name", a.Name, "reason", err)
	}
}
