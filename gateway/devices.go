package gateway

import (
	"htgateway/devices"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/http/api"
)

// devices are all that were heard, with the units that they speak for.
func (g *Gateway) devices() api.Devices {
	units := map[devices.Identity]string{}
	for _, u := range g.units() {
		for _, d := range u.Devices {
			units[d] = u.ID
		}
	}
	out := api.Devices{Since: g.since, Devices: []api.Device{}, Accounts: []mqttbroker.Account{}}
	for _, d := range g.intake.Devices() {
		out.Devices = append(out.Devices, api.Device{
			Device: d.Device, Unit: units[d.Device], LastLink: d.LastLink,
			Received: d.Received, Stored: d.Stored, Duplicates: d.Duplicates, Refused: d.Refused, SetAside: d.SetAside, Shed: d.Shed,
			LastHeard: d.LastHeard, LastReason: d.LastReason, LastReasonAt: d.LastReasonAt,
		})
	}
	if g.broker != nil {
		out.Accounts = g.broker.Accounts()
	}
	return out
}
