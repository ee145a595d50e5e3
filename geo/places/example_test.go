package places_test

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"htgateway/geo/places"
)

func ExampleGazetteer_District() {
	g, err := places.Load(strings.NewReader("district,village,lat,lon\nTalaga,Talaga Kulon,-6.9820,108.3105\nMajalengka,Cicurug,-6.8420,108.2290\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.District(orb.Point{108.23, -6.84}))
	// Output: Majalengka
}
