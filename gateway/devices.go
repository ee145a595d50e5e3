package gateway

import (
	"htgateway/devices"
	"htgateway/gateway/api"
)

// deviceViews are the devices that were heard since the start, and the broker's
// users, as the API shows them.
func (g *Gateway) deviceViews() ([]api.Device, []api.BrokerAccount) {
	accounts, connected := g.accountViews()
	units := map[devices.Identity]string{}
	for _, u := range g.units() {
		for _, d := range u.Devices {
			units[d] = u.ID
		}
	}
	var out []api.Device
	for _, d := range g.intake.Devices() {
		v := api.Device{
			Device: string(d.Device), Unit: units[d.Device], Protocol: d.Protocol, Link: d.Link, Account: d.Account,
			Received: d.Received, Stored: d.Stored, Duplicates: d.Duplicates, SetAside: d.SetAside, Shed: d.Shed, Pending: d.Pending,
			LastReason: d.LastRefusal, LastReasonAt: d.LastRefusalAt, LastHeard: d.LastHeard,
		}
		if on, known := connected[d.Account]; known {
			v.Connected = &on
		}
		out = append(out, v)
	}
	return out, accounts
}

// accountViews are the broker's users, and which of them are connected.
func (g *Gateway) accountViews() (out []api.BrokerAccount, connected map[string]bool) {
	connected = map[string]bool{}
	if g.broker == nil {
		return nil, connected
	}
	for _, a := range g.broker.Accounts() {
		connected[a.User] = a.Connected > 0
		out = append(out, api.BrokerAccount{
			Account: a.User, Role: string(a.Role), Connected: a.Connected, Since: a.Since, LastHeard: a.LastSeen,
			Accepted: a.Accepted, Withheld: a.Withheld, Refused: a.Refused, Slowed: a.Slowed, Excess: a.Excess,
			LastReason: a.LastReason, LastReasonAt: a.LastReasonAt, Offline: a.Offline,
		})
	}
	return out, connected
}
