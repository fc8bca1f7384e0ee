package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/local/lambda"
	"infocig/local/office"
	loginportal "infocig/local/portal"
	"infocig/local/queue"
	"infocig/shared/app/env"
	"infocig/shared/cases"
	"infocig/shared/http/portal"
	"infocig/shared/lineainps"
)

// A server is the whole service on one machine.
type server struct {
	options options
	log     *slog.Logger
	clock   clock
	saved   clockFile
	backend
	office        *office.Service
	sockets       *gateway.WebSocket
	invoker       gateway.Invoker
	runtime       *lambda.Runtime // of -functions bootstrap
	stopFunctions func(context.Context) error
	http          *http.Server
	listen        net.Listener
	base          string // http://host:port
}

// newServer opens the data and the address; what is wrong with either is the
// error. Nothing runs yet.
func newServer(ctx context.Context, o options, log *slog.Logger) (_ *server, err error) {
	s := &server{options: o, log: log}
	defer func() {
		if err != nil {
			s.release(ctx)
		}
	}()
	if s.listen, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr); err != nil {
		return nil, fmt.Errorf("-addr %s: %w", o.addr, cause(err))
	}
	s.base = baseOf(s.listen.Addr())
	keys := ""
	if o.data != "memory" {
		keys = o.data
		s.saved = clockFileIn(o.data)
		if err := os.MkdirAll(o.data, 0o700); err != nil {
			return nil, fmt.Errorf("-data %s: %w", o.data, cause(err))
		}
	}
	if s.backend, err = openBackend(ctx, &s.options); err != nil {
		return nil, err
	}
	if err := s.setClock(ctx); err != nil {
		return nil, err
	}
	return s, s.wire(ctx, keys)
}

// baseOf returns the address for browsers: for a listener on every interface it
// is that of this machine.
func baseOf(a net.Addr) string {
	if t, ok := a.(*net.TCPAddr); ok && t.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", t.Port)
	}
	return "http://" + a.String()
}

// cause returns the innermost error: the one that a user can do something about.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func (s *server) setClock(ctx context.Context) error {
	rules, err := s.store.DeskRules(ctx)
	if err != nil {
		return err
	}
	policy, err := rules.Policy()
	if err != nil {
		return err
	}
	last, err := s.saved.read()
	if err != nil {
		return fmt.Errorf("-data %s: %w", s.options.data, err)
	}
	now := time.Now()
	start, err := startClock(s.options.clock, now, last, policy.Calendar)
	if err != nil {
		return err
	}
	s.clock = clock{offset: start.Sub(now)}
	if err := s.saved.write(start); err != nil {
		return fmt.Errorf("-data %s: %w", s.options.data, cause(err))
	}
	return nil
}

// wire builds the gateway, the functions behind it, the portals and Linea INPS.
func (s *server) wire(ctx context.Context, keys string) error {
	key, err := signingKey(keys)
	if err != nil {
		return err
	}
	login, err := loginportal.New(loginportal.Config{
		BaseURL: s.base, Key: key, RedirectURIs: pagesWithLogin(s.base), Lifetime: s.options.tokens,
		Now: s.clock.Now, Log: s.log,
	})
	if err != nil {
		return err
	}
	if s.office, err = s.newOffice(ctx); err != nil {
		return err
	}
	if s.invoker, s.stopFunctions, err = s.newInvoker(ctx); err != nil {
		return err
	}
	s.invoker = faulty{s.invoker, s.options.faults}
	if s.options.invoker != nil {
		s.invoker = s.options.invoker(s.invoker)
	}
	if s.sockets, err = gateway.NewWebSocket(socketConfig(s), s.invoker); err != nil {
		return err
	}
	verifier := loginportal.NewVerifier(s.base, &key.PublicKey, s.clock.Now)
	rest, err := gateway.NewHTTP(gateway.HTTPConfig{Routes: httpRoutes(), Verify: verifier.Verify, Now: s.clock.Now, Log: s.log}, s.invoker)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket", s.sockets)
	mux.Handle("/"+topology.Stage+"/@connections/", told(s.options.posted, s.sockets.Connections()))
	mux.Handle("/v1/", rest)
	mux.Handle("/linea/", s.office)
	mux.Handle("/dev/linea/", s.office)
	mux.Handle("/oidc/", login)
	mux.Handle("/dev/token", login)
	mux.Handle("/", pages(s.options.web, s.base))
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	return nil
}

// told is h, with somebody who is told of every request.
func told(who func(*http.Request), h http.Handler) http.Handler {
	if who == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who(r)
		h.ServeHTTP(w, r)
	})
}

// newOffice returns Linea INPS, with an office for every case.
func (s *server) newOffice(ctx context.Context) (*office.Service, error) {
	file := ""
	if s.options.data != "memory" {
		file = filepath.Join(s.options.data, "linea.json")
	}
	return office.New(office.Config{
		File: file, Offices: cases.Offices(), Token: env.LocalLineaToken, Secret: lineainps.Secret(env.LocalLineaSecret),
		Events: s.base + "/v1/lineainps/events", Verifier: portal.New(context.WithoutCancel(ctx), issuers(s.base), s.clock.Now),
		Now: s.clock.Now, Log: s.log,
	})
}

func issuers(base string) []portal.Issuer {
	doors := map[loginportal.Issuer]portal.Door{
		loginportal.MyINPS: portal.MyINPS, loginportal.Cassetto: portal.Cassetto, loginportal.Institute: portal.Institute,
	}
	var all []portal.Issuer
	for _, i := range loginportal.Issuers {
		url := loginportal.IssuerURL(base, i)
		all = append(all, portal.Issuer{Door: doors[i], URL: url, Audience: loginportal.Audience, JWKS: url + "/keys"})
	}
	return all
}

func socketConfig(s *server) gateway.Config {
	routes := map[string]gateway.Route{}
	for key, r := range topology.Socket {
		routes[key] = gateway.Route{Function: string(r.Function), Response: r.Response}
	}
	return gateway.Config{
		Stage: topology.Stage, Routes: routes, Now: s.clock.Now, Log: s.log, Faults: s.options.faults.gateway(), Region: region, Limits: s.options.limits,
		Authorizer: &gateway.Authorizer{Function: string(topology.Authorize), IdentitySources: []string{topology.SocketIdentitySource}},
	}
}

func httpRoutes() []gateway.HTTPRoute {
	var routes []gateway.HTTPRoute
	for key, r := range topology.HTTP {
		routes = append(routes, gateway.HTTPRoute{Key: key, Function: string(r.Function), Authorizer: r.Door})
	}
	return routes
}

// run serves until ctx ends, then closes every socket, waits for what is under
// way and releases the data.
func (s *server) run(ctx context.Context) error {
	defer s.release(ctx)
	serving := make(chan error, 1)
	go func() { serving <- s.http.Serve(s.listen) }()
	background, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { s.schedule(background) })
	working.Go(func() { s.source().Run(background) })
	var err error
	select {
	case err = <-serving:
	case <-ctx.Done():
	}
	stop()
	working.Wait()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = errors.Join(err, s.sockets.Close(grace), s.http.Shutdown(grace), s.saved.write(s.clock.Now()))
	s.office.Close()
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.WarnContext(ctx, "stopped without waiting for everything")
		return nil
	}
	return err
}

// source invokes the function behind the queue.
func (s *server) source() queue.Source {
	return queue.Source{
		Queue: s.queue, Batch: topology.BatchSize, Concurrency: 2, Timeout: topology.Timeout * time.Second, ARN: s.sqsARN, Region: region, Log: s.log,
		Invoke: func(ctx context.Context, payload []byte) ([]byte, error) {
			return s.invoker.Invoke(ctx, string(topology.Consumer), payload)
		},
	}
}

// schedule calls what the schedules of the deployment call, as often as they do, and
// remembers the time more often.
func (s *server) schedule(ctx context.Context) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for _, c := range topology.Schedules {
		calls.Go(func() { s.repeat(ctx, &calls, c) })
	}
	remember := time.NewTicker(clockMargin / 3)
	defer remember.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-remember.C:
			if err := s.saved.write(s.clock.Now()); err != nil {
				s.log.ErrorContext(ctx, "cannot remember the time", "err", err)
			}
		}
	}
}

// repeat calls a function each so many minutes, and at first for what an earlier run left
// undone; but nobody has to look at once at a service that has just begun. A call does
// not wait for the one before: a sweep stays for most of its minute.
func (s *server) repeat(ctx context.Context, calls *sync.WaitGroup, c topology.Schedule) {
	ticker := time.NewTicker(time.Duration(c.Every) * time.Minute)
	defer ticker.Stop()
	call := func() { calls.Go(func() { s.call(ctx, c.Function, c.Event) }) }
	if c.Function != topology.Look {
		call()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			call()
		}
	}
}

// sweep looks once.
func (s *server) sweep(ctx context.Context) {
	s.call(ctx, topology.Sweep, map[string]any{"looks": 1})
}

// call calls a function as a schedule does.
func (s *server) call(ctx context.Context, f topology.Function, event map[string]any) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(topology.TimeoutOf(f))*time.Second)
	defer cancel()
	payload, err := json.Marshal(event)
	if err == nil {
		_, err = s.invoker.Invoke(ctx, string(f), payload)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(ctx, "a scheduled call failed", "function", string(f), "err", err)
	}
}

func (s *server) release(ctx context.Context) {
	if s.listen != nil {
		_ = s.listen.Close() // the http server may have done it
	}
	if s.stopFunctions != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := s.stopFunctions(ctx); err != nil {
			s.log.WarnContext(ctx, "functions did not stop", "err", err)
		}
	}
	if err := s.shut(); err != nil {
		s.log.ErrorContext(ctx, "cannot close the data", "err", err)
	}
}

// exists reports whether path is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
