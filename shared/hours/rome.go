package hours

import (
	"fmt"
	"sync"
	"time"
)

// loadRome is lazy: a package variable might be initialised before
// time/tzdata, which registers itself by its own init.
var loadRome = sync.OnceValues(func() (*time.Location, error) {
	loc, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("hours: is time/tzdata imported by main? %w", err)
	}
	return loc, nil
})

// Rome is the time zone of the service, loaded once. It panics if the program
// has no zone data; [New] reports the same as an error, at the start.
func Rome() *time.Location {
	loc, err := loadRome()
	if err != nil {
		panic(err)
	}
	return loc
}
