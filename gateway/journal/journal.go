package journal

import (
	"context"
	"errors"
	"time"
)

// Kind says what a record's body is.
type Kind string

// The kinds of record.
const (
	// KindReport is a devices.Report.
	KindReport Kind = "report"
	// KindHearing is a devices.Hearing: a known report heard by one more link.
	KindHearing Kind = "hearing"
	// KindUnparsed is an [Unparsed]: bytes that were refused, with the reason.
	KindUnparsed Kind = "unparsed"
	// KindAct is an incident.Act: what a dispatcher, a call taker or a CAD did.
	KindAct Kind = "act"
	// KindLink is a [LinkEvent]: a link came up or went down.
	KindLink Kind = "link"
	// KindDelivery is a [Delivery]: what became of a message to a device.
	KindDelivery Kind = "delivery"
	// KindSignIn is a signin.Attempt: somebody signed in or out, or was refused.
	KindSignIn Kind = "signin"
	// KindEnrolment is an enrolment.Act: a unit was made, a device bound or released.
	KindEnrolment Kind = "enrolment"
	// KindAlarm is an [Alarm]: a clock of the procedure came to its limit.
	KindAlarm Kind = "alarm"
	// KindProcedure is a procedure.Seen: what the procedure's file said when a gateway
	// first saw it.
	KindProcedure Kind = "procedure"
	// KindDamaged is handed over in the place of a record that does not match its
	// checksum, without a body. It is never stored.
	KindDamaged Kind = "damaged"
)

// Record is one thing to be kept.
type Record struct {
	// ID is unique among all records; a second record with the same id is a
	// duplicate and is not stored.
	ID   string
	Kind Kind
	// At is when the gateway received it, by the gateway's clock, UTC.
	At time.Time
	// Body is JSON.
	Body []byte

	source any // what Body was encoded from, where it would be decoded as the same
}

// Entry is a record as it stands in the journal.
type Entry struct {
	// Seq counts entries from 1, without gaps.
	Seq uint64
	// JournaledAt is when the journal took it, UTC.
	JournaledAt time.Time
	Record

	decoded *cachedDecode // see [Entry.WithDecodeCache]
}

// Result tells what became of one appended record.
type Result struct {
	// Seq is the entry's number, also when it was already there.
	Seq uint64
	// Duplicate is set when a record with this id was already in the journal.
	Duplicate bool
}

// Journal is the contract that every journal keeps; sqlite and jetstream pass
// one test of it.
type Journal interface {
	// Append returns once every record is on disk, with one result a record in
	// the same order. On an error nothing may be acknowledged.
	Append(ctx context.Context, records ...Record) ([]Result, error)
	// Read returns up to limit entries after the given number, in order.
	Read(ctx context.Context, after uint64, limit int) ([]Entry, error)
	// Follow calls take with every entry after the given number, in order and
	// in batches, and waits for more, until ctx ends or take fails.
	Follow(ctx context.Context, after uint64, take func([]Entry) error) error
	// Last is the number of the newest entry, 0 in an empty journal.
	Last(ctx context.Context) (uint64, error)
	// Cursor is the number up to which the named reader is done, 0 at first.
	Cursor(ctx context.Context, reader string) (uint64, error)
	SetCursor(ctx context.Context, reader string, seq uint64) error
	// SaveSnapshot keeps the newest state of a fold as it was after entry seq.
	SaveSnapshot(ctx context.Context, fold string, seq uint64, state []byte) error
	// Snapshot returns the newest saved state, or seq 0 when there is none.
	Snapshot(ctx context.Context, fold string) (seq uint64, state []byte, err error)
	Close() error
}

// Stats are a journal's counters since it was opened.
type Stats struct {
	// Commits are synced writes of any number of records; Bytes the bodies that they
	// stored.
	Commits, Bytes uint64
	// Entries is the number of the newest entry.
	Entries uint64
	// Damaged are entries that were handed over as [KindDamaged]; FirstDamaged is the
	// first of them that was met.
	Damaged, FirstDamaged uint64
}

// Unparsed is a frame that was refused: kept raw so that nothing is lost to a
// decoder's mistake.
type Unparsed struct {
	Link     string    `json:"link"`
	Protocol string    `json:"protocol,omitzero"`
	Device   string    `json:"device,omitzero"`
	At       time.Time `json:"at"`
	Reason   string    `json:"reason"`
	Raw      []byte    `json:"raw"`
}

// LinkEvent is a change in the life of a link, so that "no data" is never read
// as "unit silent".
type LinkEvent struct {
	Link  string    `json:"link"`
	At    time.Time `json:"at"`
	State string    `json:"state"`
	Why   string    `json:"why,omitzero"`
}

// States of a message on its way to a device. Delivered, failed and expired are
// final.
const (
	DeliveryQueued    = "queued" // it could not be sent yet; Why tells
	DeliverySent      = "sent"
	DeliveryDelivered = "delivered"
	DeliveryFailed    = "failed"
	DeliveryExpired   = "expired"
)

// Delivery is one step of a message on its way to a device.
type Delivery struct {
	// Message is the id of the act that asked for it, or of the report that it
	// acknowledges; with Unit it names the message.
	Message string    `json:"message"`
	Unit    string    `json:"unit,omitzero"`
	Device  string    `json:"device"`
	Link    string    `json:"link,omitzero"`
	At      time.Time `json:"at"`
	State   string    `json:"state"`
	// Attempt counts from 1.
	Attempt int `json:"attempt,omitzero"`
	// Text is what was sent, empty for a protocol's own acknowledgement of a report;
	// Poll tells that the position was asked for instead. Why is the reason of a failure.
	Text string `json:"text,omitzero"`
	Poll bool   `json:"poll,omitzero"`
	Why  string `json:"why,omitzero"`
	// Unanswered tells that nothing answers such a message: that it was sent is all that
	// will be known of it.
	Unanswered bool `json:"unanswered,omitzero"`
	// Report is the id of the report that answered.
	Report string `json:"report,omitzero"`
}

// Final tells whether nothing more will come of the message.
func (d Delivery) Final() bool { return d.State != DeliveryQueued && d.State != DeliverySent }

// Errors of a journal.
var (
	// ErrInUse is wrapped when another process has the journal open.
	ErrInUse = errors.New("journal: another gateway has it open")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("journal: closed")
	// ErrNoSpace is wrapped by an append that failed because the disk is full.
	ErrNoSpace = errors.New("journal: disk full")
	// ErrDamaged is wrapped when a journal's file is not what a database wrote. Nothing
	// is written to it then.
	ErrDamaged = errors.New("journal: the file is damaged and was left as it is; put it aside and restore the newest backup (htgateway restore)")
	// ErrCorrupt is wrapped when a stored record does not match its checksum.
	ErrCorrupt = errors.New("journal: record does not match its checksum")
)
