package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	loginportal "infocig/local/portal"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/http/outside"
	"infocig/shared/identity"
)

// TestTheServiceIsWellFromOutside looks at a whole service as the scheduled look does.
func TestTheServiceIsWellFromOutside(t *testing.T) {
	web := t.TempDir()
	for _, page := range []string{"index.html", "myinps.html"} {
		if err := os.WriteFile(filepath.Join(web, page), []byte("<!doctype html>"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := serve(t, options{clock: opening, web: web})
	l := outside.Look{Pages: s.base, Socket: s.socketURL(), Ticket: func(ctx context.Context) (string, error) {
		p := store.Pass{ID: "look", Identity: conversation.Caller{Identity: identity.Identity{Side: identity.SideCitizen, ID: "look"}}, Expires: s.clock.Now().Add(desk.DefaultTimes.Pass)}
		return p.ID, s.store.PutPass(ctx, p)
	}}
	for _, i := range issuers(s.base) {
		l.Logins = append(l.Logins, outside.Login{Issuer: i.URL, ClientID: loginportal.ClientID, Page: s.base + "/" + outside.Page(i.Door)})
	}
	if err := outside.Failed(l.Run(t.Context())); err != nil {
		t.Error(err)
	}
	l.Logins[0].ClientID = "nobody"
	if err := outside.Failed(l.Run(t.Context())); err == nil {
		t.Error("an issuer that does not know the pages is well")
	}
	l.Logins[0].ClientID = loginportal.ClientID
	all := l.Run(t.Context())
	if err := outside.Failed(all); err != nil || len(all) != 9 {
		t.Errorf("%d findings: %v", len(all), err)
	}
}
