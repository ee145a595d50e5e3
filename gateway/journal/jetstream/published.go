package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// placesBucket holds, for each area, up to which entry each sink is done.
const placesBucket = "htgateway_places"

func (j *Journal) places(ctx context.Context) (jetstream.KeyValue, error) {
	bucket, err := j.js.KeyValue(ctx, placesBucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		bucket, err = j.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: placesBucket, Description: "how far the sinks of an area are", History: 1, Storage: jetstream.FileStorage, Replicas: j.o.Replicas,
		})
	}
	return bucket, err
}

// placesWithin bounds one exchange of places.
const placesWithin = 3 * time.Second

// SharePublished lets the area's other gateways know up to which entry each sink is done.
func (j *Journal) SharePublished(ctx context.Context, places map[string]uint64) error {
	ctx, cancel := context.WithTimeout(ctx, placesWithin)
	defer cancel()
	text, err := json.Marshal(places)
	if err != nil {
		return fmt.Errorf("cannot encode the places of sinks: %w", err)
	}
	bucket, err := j.places(ctx)
	if err == nil {
		_, err = bucket.Put(ctx, j.o.Area, text)
	}
	if err != nil {
		return fmt.Errorf("cannot share the places of sinks: %w", err)
	}
	return nil
}

// PublishedEntries are those that a gateway of the area shared last.
func (j *Journal) PublishedEntries(ctx context.Context) (map[string]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, placesWithin)
	defer cancel()
	bucket, err := j.places(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot read the places of sinks: %w", err)
	}
	entry, err := bucket.Get(ctx, j.o.Area)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the places of sinks: %w", err)
	}
	var places map[string]uint64
	if err := json.Unmarshal(entry.Value(), &places); err != nil {
		return nil, fmt.Errorf("cannot read the places of sinks: %w", err)
	}
	return places, nil
}
