package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

type smokeCommand struct {
	Pages  string `required:"" placeholder:"URL" help:"Address of the pages, which is the HTTP API's too."`
	Socket string `required:"" placeholder:"URL" help:"Address of the WebSocket API, wss://…"`
}

// Run looks whether a service answers as one that anybody can use: it does not
// log in, and leaves nothing behind.
func (c smokeCommand) Run(ctx context.Context, t terminal) error {
	client := &http.Client{Timeout: 10 * time.Second}
	var met error
	for _, look := range []struct {
		what string
		see  func() error
	}{
		{"the first page, with its security policy", func() error {
			header, _, err := get(ctx, client, c.Pages+"/", nil, http.StatusOK)
			if err == nil && header.Get("Content-Security-Policy") == "" {
				err = errors.New("it comes without a content security policy")
			}
			return err
		}},
		{"a page by its short address", func() error {
			_, _, err := get(ctx, client, c.Pages+"/myinps", nil, http.StatusOK)
			return err
		}},
		{"availability", func() error { return available(ctx, client, c.Pages) }},
		{"nobody comes in without a token", func() error {
			_, _, err := get(ctx, client, c.Pages+"/v1/me", nil, http.StatusUnauthorized)
			return err
		}},
		{"no socket opens without a ticket", func() error {
			_, _, err := get(ctx, client, "http"+strings.TrimPrefix(c.Socket, "ws"), upgrade, http.StatusUnauthorized)
			return err
		}},
	} {
		if err := look.see(); err != nil {
			fmt.Fprintf(t.out, "FAILED  %s\n", look.what)
			met = errors.Join(met, fmt.Errorf("%s: %w", look.what, err))
			continue
		}
		fmt.Fprintf(t.out, "ok      %s\n", look.what)
	}
	return met
}

// upgrade is what a browser asks for a socket with; RFC 6455, section 1.3.
var upgrade = map[string]string{
	"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

func available(ctx context.Context, client *http.Client, base string) error {
	_, body, err := get(ctx, client, base+"/v1/availability?audience=worker&province=RM", nil, http.StatusOK)
	if err != nil {
		return err
	}
	var v struct{ State, Text string }
	if err := json.Unmarshal(body, &v); err != nil || v.State == "" || v.Text == "" {
		return fmt.Errorf("the answer has no state: %.200s", body)
	}
	if v.State == "fault" {
		return fmt.Errorf("the service says that it is out of order: %.200s", body)
	}
	return nil
}

func get(ctx context.Context, client *http.Client, url string, header map[string]string, want int) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("%s answers %s, want %d", url, resp.Status, want)
	}
	return resp.Header, body, err
}
