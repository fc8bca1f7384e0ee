package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	escalations "infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/fiscal"
	"infocig/shared/http/portal"
	"infocig/shared/http/wire"
	"infocig/shared/identity"
	"infocig/shared/lineainps"
)

// MaxBody is how many bytes the body of a request may have.
const MaxBody = 64 << 10

// An API answers requests. Each of its sets of routes is one function.
type API struct {
	Desk        *desk.Desk
	Escalations *escalations.Service
	Upkeep      *upkeep.Service
	Relay       escalations.Relay // for the function that receives the events of Linea INPS, which has no desk
	Now         func() time.Time
	Cases       *cases.Book
	Verifier    *portal.Verifier
	Pseudonym   identity.Pseudonym
	Sealer      fiscal.Sealer                            // encrypts fiscal codes
	Secrets     func(context.Context) []lineainps.Secret // the secrets that sign the events of Linea INPS; they are replaced now and then
	Socket      string                                   // address of the WebSocket API: wss://…
	Log         *slog.Logger

	glances glances
}

// Headers are sent with every answer. They say that the answer is data and not a page, and
// that clients must not store it, guess its type, or ask for it without TLS.
var Headers = map[string]string{
	"Cache-Control":                "no-store",
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy": "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
		"magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
	"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}

// Routes are handlers by their pattern, as in net/http and in the topology.
type Routes map[string]func(w http.ResponseWriter, r *http.Request) error

// Handler returns the function that AWS Lambda calls for the routes. An error of a route
// becomes a problem (RFC 9457). An error without a code is logged in full, once.
func (a *API) Handler(routes Routes) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, r *http.Request) {
		for name, value := range Headers {
			w.Header().Set(name, value)
		}
		mux.ServeHTTP(w, r)
	}
	for pattern, handle := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r); err != nil {
				a.fail(w, r, pattern, err)
			}
		})
	}
	return httpadapter.NewV2(http.HandlerFunc(answer)).ProxyWithContext
}

// claims returns the claims of the request's bearer token.
func (a *API) claims(r *http.Request) (portal.Claims, error) {
	return a.Verifier.Verify(r.Context(), portal.Bearer(r.Header.Get("Authorization")))
}

// recognised returns the citizen who asks, acting for the company with that id. If the login
// or the role does not let the citizen in, the error has the decision's sentence.
func (a *API) recognised(r *http.Request, company string) (conversation.Caller, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := a.identity(r, c, company)
	if err != nil {
		return who, err
	}
	return who, a.recognise(r, admission.Request{Login: who.Login, Audience: who.Audience, Role: who.Role})
}

func (a *API) recognise(r *http.Request, req admission.Request) error {
	policy, err := a.Desk.Policy(r.Context())
	if err != nil {
		return err
	}
	if d := policy.Recognise(req); !d.Admitted() {
		return &problem{Code: code.Forbidden, Title: d.Answer(language(r)).Text, Reason: string(d.Reason)}
	}
	return nil
}

// person returns the citizen who asks, for no company in particular.
func (a *API) person(r *http.Request) (conversation.Caller, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := c.Person(a.Pseudonym)
	return conversation.Caller{Identity: who}, err
}

// identity returns the citizen with the claims, acting for the company.
func (a *API) identity(r *http.Request, c portal.Claims, company string) (conversation.Caller, error) {
	who, err := c.Citizen(a.Pseudonym, identity.CompanyID(company))
	if errors.Is(err, code.Invalid) || errors.Is(err, code.NotFound) {
		err = &problem{Code: code.Invalid, Param: "company", Reason: string(admission.Unknown)}
	}
	who.Language = language(r)
	return conversation.Caller{Identity: who}, err
}

type companyRequest struct {
	Company string `json:"company,omitzero"` // the company's id, if the person has several
}

// actingFor returns the citizen who asks, acting for the company that the body names, and the
// citizen's claims.
func (a *API) actingFor(w http.ResponseWriter, r *http.Request) (conversation.Caller, portal.Claims, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, c, err
	}
	var req companyRequest
	if err := read(w, r, &req); err != nil {
		return conversation.Caller{}, c, err
	}
	who, err := a.identity(r, c, req.Company)
	return who, c, err
}

// staff returns the member of staff who asks. It fails if the member is not in the group.
func (a *API) staff(r *http.Request, group string) (conversation.Caller, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := c.Staff(a.Pseudonym, group)
	who.Language = language(r)
	return conversation.Caller{Identity: who}, err
}

// language returns the first language that the client prefers, "" if it names none.
func language(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	tag, _, _ := strings.Cut(first, ";")
	base, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	return strings.ToLower(base)
}

// conversationOf returns the id of the conversation in the path. If it does not have the form
// of an id, conversationOf returns code.NotFound, and the store is not asked.
func conversationOf(r *http.Request) (queue.ConversationID, error) {
	id := queue.ConversationID(r.PathValue("id"))
	if !id.Valid() {
		return "", code.NotFound
	}
	return id, nil
}

// read decodes a JSON body strictly.
func read(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err == nil {
		err = wire.Decode(raw, v)
	}
	if err != nil {
		return &problem{Code: code.Invalid, Detail: "body"}
	}
	return nil
}

func write(w http.ResponseWriter, status int, v any) error {
	body, err := wire.Encode(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// requestID returns the gateway's id of the request, which the gateway's access log has, too.
func requestID(r *http.Request) string {
	c, ok := core.GetAPIGatewayV2ContextFromContext(r.Context())
	if !ok {
		return ""
	}
	return c.RequestID
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, route string, err error) {
	p := problemOf(err, language(r))
	if p.Code == code.Internal {
		a.Log.ErrorContext(r.Context(), "request failed", "route", route, "request_id", requestID(r), "err", err)
		p.Instance = requestID(r)
	}
	if errors.Is(err, portal.ErrToken) {
		a.Log.InfoContext(r.Context(), "token refused", "route", route, "request_id", requestID(r), "err", err)
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	p.write(w)
}
