// Package status says how the parts of a gateway stand: links, sinks, stores, journal.
// Each part says so by itself, as a Reporter, and whoever shows it (the API's /links,
// /metrics, /readyz, the series' link_health, the audit of the ledgers) goes through the
// reporters and knows none of them by name.
//
// Stage: tool; every stage reports, http and telemetry show.
package status
