package hours

import (
	_ "embed"
	"fmt"
	"sync"
	"time"
)

// romeData is the zone Europe/Rome of the IANA database, as the Go distribution has
// it (a test compares): 1 KB, where package time/tzdata has all zones and 450. AWS
// Lambda and slim images have no zone files.
//
//go:embed rome.tzif
var romeData []byte

var loadRome = sync.OnceValues(func() (*time.Location, error) {
	loc, err := time.LoadLocationFromTZData("Europe/Rome", romeData)
	if err != nil {
		return nil, fmt.Errorf("hours: the zone that is built in: %w", err)
	}
	return loc, nil
})

// Rome is the time zone of the service, loaded once.
func Rome() *time.Location {
	loc, err := loadRome()
	if err != nil {
		panic(err) // is built in
	}
	return loc
}
