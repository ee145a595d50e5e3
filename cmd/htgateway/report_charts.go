package main

import (
	"htgateway/gateway"
	"htgateway/gateway/config"
	"htgateway/gateway/sop"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
)

// charts gathers what the HTML report draws, from the record that its table is of.
func (r reporting) charts(record *analysis.Record, o analysis.Options, plan sop.Plan) (*report.Charts, error) {
	c := &report.Charts{Distributions: record.Distributions()}
	for by, into := range map[analysis.By]*analysis.Figures{
		analysis.ByWeek: &c.Weekly, analysis.ByCategory: &c.Categories, analysis.ByDistrict: &c.Districts,
	} {
		var err error
		if *into, err = record.Figures(analysis.Options{By: by, Zone: o.Zone, Plan: plan, Now: o.Now}); err != nil {
			return nil, err
		}
	}
	file, county := "", ""
	if r.config != "" {
		site, err := config.Load(r.config)
		if err != nil {
			return nil, err
		}
		file, county = site.Places, site.County
	}
	gazetteer, err := gateway.LoadPlaces(file, county)
	if err != nil {
		return nil, err
	}
	for _, v := range gazetteer.Villages() {
		c.Spots = append(c.Spots, report.Spot{District: v.District, Point: v.Point})
	}
	return c, nil
}
