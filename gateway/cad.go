package gateway

import (
	"context"
	"fmt"
	"time"

	"htgateway/gateway/inbound/link"
)

// cadLink is the id of the watched folder among the links.
const cadLink = "cad-folder"

// addFolder watches the folder into which a CAD writes.
func (g *Gateway) addFolder() {
	f := link.NewFolder(link.FolderSettings{
		ID: cadLink, Path: g.c.CAD.Folder, Poll: g.c.CAD.Poll, Settle: g.c.CAD.Settle, Now: g.o.Now, Log: g.o.Log,
	}, g.intake, g.desk)
	g.links = append(g.links, &liveLink{
		id: cadLink, kind: "folder", protocol: "json",
		state: func() (string, time.Time, string) {
			s := f.State()
			if s.Why == "" {
				s.Why = fmt.Sprintf("%d incidents from %d files, %d files refused", s.Incidents, s.Files, s.Refused)
			}
			return s.Name, s.Since, s.Why
		},
		parts: []func(context.Context) error{f.Run},
	})
}
