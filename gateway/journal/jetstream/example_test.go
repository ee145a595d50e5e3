package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream"
)

// A gateway reads the county's journal as soon as it is open, and writes once it is its
// turn: until then it stands by. It is shown only: it needs three servers.
func ExampleJournal_Lead() {
	ctx := context.Background()
	j, err := jetstream.Open(ctx, jetstream.Options{
		Servers: []string{"nats://10.0.0.1:4222", "nats://10.0.0.2:4222", "nats://10.0.0.3:4222"},
		Area:    "majalengka", Replicas: 3, File: "/var/lib/htgateway/journal.db", Name: "gateway-1",
		Lease: 5 * time.Second, Now: time.Now, Log: slog.Default(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	pressed := journal.Record{ID: "r1", Kind: journal.KindReport, At: time.Now(), Body: []byte(`{"status":"on_scene"}`)}
	if _, err := j.Append(ctx, pressed); errors.Is(err, jetstream.ErrStandby) {
		fmt.Println("another gateway writes; nothing was acknowledged")
	}
	lost, err := j.Lead(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := j.Append(ctx, pressed); err == nil {
		fmt.Println("two of three servers have it on disk")
	}
	<-lost // another took over: begin anew
}
