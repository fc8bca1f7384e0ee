package portal

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed login.html
var loginHTML string

//go:embed login.css
var loginCSS []byte

var loginPage = template.Must(template.New("login").Parse(loginHTML))

// loginView is what the login page shows.
type loginView struct {
	Portal     string
	Intro      string
	Request    string
	Stylesheet string
	People     []Person
	Expired    bool
}

var portals = map[Issuer]loginView{
	MyINPS:    {Portal: "MyINPS", Intro: "Entra come lavoratrice o lavoratore."},
	Cassetto:  {Portal: "Cassetto previdenziale del contribuente", Intro: "Entra per conto di un’azienda."},
	Institute: {Portal: "Area del personale", Intro: "Entra come personale dell’Istituto."},
}

func (s *provider) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("request")
	_, ok := s.peek(id, aRequest)
	s.render(w, id, ok)
}

// choose turns the request into a code for the chosen person and leads back
// to the page that asked.
func (s *provider) choose(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	id := r.PostFormValue("request")
	people := s.portal.people[s.issuer]
	i := slices.IndexFunc(people, func(p Person) bool { return p.ID == r.PostFormValue("person") })
	if _, ok := s.peek(id, aRequest); !ok || i < 0 {
		s.render(w, id, ok)
		return
	}
	l, ok := s.take(id, aRequest)
	if !ok { // chosen twice at once
		s.render(w, id, false)
		return
	}
	l.person, l.at = people[i], s.portal.config.Now()
	back, err := s.back(l)
	if err != nil {
		s.render(w, id, false)
		return
	}
	http.SetCookie(w, s.remember(l))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// render shows the people to choose from, or that the request has expired.
func (s *provider) render(w http.ResponseWriter, id string, open bool) {
	view := portals[s.issuer]
	view.Request, view.Stylesheet, view.Expired = id, s.portal.config.Stylesheet, !open
	if open {
		view.People = s.portal.people[s.issuer]
	}
	var page bytes.Buffer
	if err := loginPage.Execute(&page, view); err != nil {
		s.log.Error("login page failed", "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+strings.Join(origins(s.portal.config.RedirectURIs), " "))
	if !open {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = page.WriteTo(w)
}

// origins lists where the form may lead, each once: browsers apply
// form-action to the redirect as well.
func origins(uris []string) []string {
	var out []string
	for _, uri := range uris {
		if u, err := url.Parse(uri); err == nil {
			if o := u.Scheme + "://" + u.Host; !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

func stylesheet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(loginCSS)
}
