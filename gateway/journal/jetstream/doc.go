// Package jetstream keeps the journal in a stream of a NATS JetStream cluster, one for
// each service area, replicated by the cluster; it is what outgrows one machine.
//
// The stream is the journal; every gateway keeps a copy of it in a SQLite file, from
// which it reads, and which can be thrown away. One gateway at a time writes, under a
// lease: each message holds the records of all appends that were waiting, and is
// published under the condition that it follows the newest message which the writer
// has in its copy. So an id is found in the copy however old it is, nothing is stored
// twice, whatever was lost on the way, and a gateway that lost its lease without
// knowing it can store nothing. Append returns once a majority of the cluster has the
// message on disk; run the servers with sync_interval: always.
//
// Stage: intake, desk → **journal** in a cluster → tracker.
package jetstream
