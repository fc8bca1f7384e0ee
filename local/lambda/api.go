package lambda

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// maxAnswer is Lambda's limit of what a function answers, in bytes.
const maxAnswer = 6 << 20

// A refusal is the body of an answer of the Runtime API that is no success.
type refusal struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

var (
	notInHand  = refusal{"InvalidRequestID", "Invalid request ID"}
	notNow     = refusal{"InvalidStateTransition", "the process is not to ask for an event now"}
	overLimit  = refusal{"RequestEntityTooLarge", "the answer exceeds 6 MB"}
	incomplete = refusal{"BadRequest", "the body is incomplete"}
)

// api returns the Runtime API of the process.
func (p *process) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", p.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", p.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", p.serveInitError)
	return mux
}

// serveNext waits for an event and sends it.
func (p *process) serveNext(w http.ResponseWriter, r *http.Request) {
	<-p.runs // it may be faster than the one who has started it
	if !p.pool.arrived(p) {
		refuse(w, http.StatusForbidden, notNow)
		return
	}
	var i *invocation
	select {
	case i = <-p.next:
	case <-r.Context().Done(): // it hung up: nothing more can be given to it
		p.pool.kill(p)
		return
	}
	c, _ := r.Context().Value(connKey{}).(*conn)
	c.expectRead()
	i.by.Store(c)
	h := w.Header()
	h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", p.pool.arn)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(i.payload)))
	if _, err := w.Write(i.payload); err != nil {
		p.pool.kill(p)
	}
}

// serveResponse takes the answer to an event. A runtime that fails while it
// streams an answer says so in trailers.
func (p *process) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, ok := p.read(w, r)
	if !ok {
		return
	}
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		doc, _ := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		p.finish(w, r, outcome{err: functionError(doc, kind)})
		return
	}
	p.finish(w, r, outcome{result: body})
}

// serveError takes the failure of an event.
func (p *process) serveError(w http.ResponseWriter, r *http.Request) {
	if body, ok := p.read(w, r); ok {
		p.finish(w, r, outcome{err: functionError(body, unhandled)})
	}
}

// serveInitError takes what keeps the process from starting; it will exit.
func (p *process) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, ok := p.read(w, r)
	if !ok {
		return
	}
	p.pool.mu.Lock()
	if !p.started {
		p.failed = functionError(body, unhandled)
	}
	p.pool.mu.Unlock()
	accept(w)
}

// read returns the whole body, or answers that it cannot be taken.
func (p *process) read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, incomplete)
		return nil, false
	case len(body) > maxAnswer:
		if i, ok := p.pool.answered(p, r.PathValue("id")); ok {
			i.done <- outcome{err: &FunctionError{Type: TooLarge, Message: overLimit.Message}}
		}
		refuse(w, http.StatusRequestEntityTooLarge, overLimit)
		return nil, false
	}
	return body, true
}

// finish hands o to the one who waits for it.
func (p *process) finish(w http.ResponseWriter, r *http.Request, o outcome) {
	i, ok := p.pool.answered(p, r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusBadRequest, notInHand)
		return
	}
	i.done <- o
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, why refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(why)
}
