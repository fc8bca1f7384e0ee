package main

import (
	"net/http"
	"sync"
	"testing"
)

// TestAnswersAreNotMixed: a function that answers many at once gives each their
// own answer.
func TestAnswersAreNotMixed(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	names := map[string]string{
		login(t, s, "myinps", "worker-rm"): "Giuliana Ferrantini", login(t, s, "myinps", "worker-mi"): "Ettore Brambati",
		login(t, s, "myinps", "worker-na"): "Immacolata Esposti", login(t, s, "myinps", "worker-ba"): "Nicolò Lorussini",
	}
	var wg sync.WaitGroup
	for token, name := range names {
		for range 5 {
			wg.Go(func() {
				for range 20 {
					status, v, text := request(t, "GET", s.base+"/v1/me", token, nil)
					if status != http.StatusOK || v["name"] != name {
						t.Errorf("%s got %d %s", name, status, text)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}
