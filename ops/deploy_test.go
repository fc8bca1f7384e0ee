package main

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// makeRole makes the role r, without which there is no function.
func makeRole(t *testing.T, server string) {
	t.Helper()
	form := url.Values{"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {"r"}, "AssumeRolePolicyDocument": {`{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server, strings.NewReader(form.Encode()))
	must(t, err)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261125/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}

func zipped(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("bootstrap")
	must(t, err)
	_, err = w.Write([]byte(content))
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

// TestSmoke looks at a service that works, and at one that does not; package outside breaks one thing after the other.
func TestSmoke(t *testing.T) {
	for name, failed := range map[string]string{"all is well": "", "no answer": "/v1/availability"} {
		t.Run(name, func(t *testing.T) {
			answers := service()
			answers[failed] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Path](w, r) }))
			t.Cleanup(s.Close)
			_, text, err := ops(t, "", "smoke", "--pages", s.URL, "--socket", "ws"+strings.TrimPrefix(s.URL, "http")+"/socket")
			switch {
			case failed == "" && (err != nil || strings.Count(text, "ok ") != 5):
				t.Errorf("got %v\n%s", err, text)
			case failed != "" && (err == nil || !strings.Contains(err.Error(), "500") || !strings.Contains(text, "FAILED  availability")):
				t.Errorf("got %v\n%s", err, text)
			}
		})
	}
}

// service are the answers of one that works, by path.
func service() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'")
		},
		"/myinps": func(http.ResponseWriter, *http.Request) {},
		"/v1/availability": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"state":"closed","text":"La chat è chiusa"}`))
		},
		"/v1/me":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"/socket": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
	}
}

// trusted starts a service by TLS that this process trusts.
func trusted(t *testing.T) *httptest.Server {
	t.Helper()
	answers := service()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := answers[r.URL.Path]; answer != nil {
			answer(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	usual := http.DefaultTransport
	http.DefaultTransport = s.Client().Transport
	t.Cleanup(func() { http.DefaultTransport = usual })
	return s
}

// TestSmokeOfAStage looks by the distribution's own name, before anybody has set the DNS.
func TestSmokeOfAStage(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	s := trusted(t)
	a.stack("web", a.something(), map[string]any{"DistributionDomain": s.Listener.Addr().String(), "PagesUrl": "https://infocig-dev.example.org"})
	a.stack("socket", a.something(), map[string]any{"SocketUrl": "wss://" + s.Listener.Addr().String() + "/socket"})
	_, out, err := a.ops("", "smoke")
	if err != nil || strings.Count(out, "ok ") != 5 || !strings.Contains(out, "does not lead there yet") || !strings.Contains(out, "DNS: infocig-dev.example.org. CNAME "+s.Listener.Addr().String()) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestDeploy runs tools/deploy.sh with stand-ins for what it calls: the order, what it prints, and what it
// says where it stops.
func TestDeploy(t *testing.T) {
	script, err := os.ReadFile("../tools/deploy.sh")
	must(t, err)
	dir := t.TempDir()
	calls := filepath.Join(dir, "calls")
	write := func(path, content string) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, path), []byte(content), 0o755))
	}
	stand := func(name, more string) string {
		return "#!/bin/sh\necho " + name + " $* >>" + calls + "\ncase \"" + name + " $*\" in *\"$STOP\"*) exit 3;; esac\n" + more
	}
	write("tools/deploy.sh", string(script))
	write("tools/upload.sh", stand("upload", ""))
	write("tools/python.sh", "#!/bin/sh\necho "+dir+"/bin\n")
	write("bin/aws", stand("aws", ""))
	write("bin/make", stand("make", ""))
	write("bin/go", stand("go", "case \"$*\" in *next*) echo abc-2;; esac\n"))
	write("tools/node_modules/.bin/cdk", stand("cdk", `mkdir -p build; echo '{"infocig-dev-web":{"PagesBucket":"b","DistributionId":"D1","DistributionDomain":"d111.cloudfront.net","PagesUrl":"https://chat.example.org"}}' >build/outputs-dev.json`+"\n"))
	deploy := func(stop string, environment ...string) (out string, called []string, err error) {
		must(t, os.WriteFile(calls, nil, 0o600))
		c := exec.CommandContext(t.Context(), "bash", filepath.Join(dir, "tools/deploy.sh"), "dev", "--require-approval", "never")
		c.Env = append(append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "STOP="+stop), environment...)
		raw, err := c.CombinedOutput()
		made, _ := os.ReadFile(calls)
		return string(raw), strings.Split(strings.TrimSpace(string(made)), "\n"), err
	}
	all := []string{
		"go run ./ops preflight --stage dev", "go run ./ops release next --stage dev", "make --no-print-directory synth STAGE=dev CONTEXT=-c deploy=yes -c release=abc-2",
		"go run ./infra/check -deployed dev cdk.out",
		"cdk deploy --app cdk.out --all --outputs-file build/outputs-dev.json --require-approval never", "go run ./ops release record --stage dev", "upload dev b",
		"aws cloudfront create-invalidation --distribution-id D1 --paths /*.html / /myinps /cassetto /advisor /supervisor", "go run ./ops smoke --stage dev",
	}
	out, called, err := deploy("nothing stops")
	if err != nil || !slices.Equal(called, all) || !strings.Contains(out, "DNS: chat.example.org. CNAME d111.cloudfront.net.") || !strings.Contains(out, "release abc-2") {
		t.Errorf("%v\n%s\n%s", err, out, strings.Join(called, "\n"))
	}
	for stop, test := range map[string]struct {
		calls int
		said  string
	}{
		"preflight": {1, "nothing was changed"}, "next": {2, "nothing was changed"}, "synth": {3, "nothing was changed"},
		"infra/check": {4, "nothing was changed"}, "cdk deploy": {5, "make rollback STAGE=dev"},
		"record": {6, "was not recorded"}, "upload": {7, "pages may not be"}, "aws cloudfront": {8, "pages may not be"}, "smoke": {9, "CNAME d111.cloudfront.net"},
	} {
		out, called, err := deploy(stop)
		if err == nil || len(called) != test.calls || !strings.Contains(out, test.said) || strings.Contains(out, "dev is at") {
			t.Errorf("stopped at %s: %v, %d calls\n%s", stop, err, len(called), out)
		}
	}
	out, called, err = deploy("nothing stops", "PREFLIGHT=off", "CANARY=off")
	if err != nil || called[0] != all[1] || !strings.Contains(out, "nothing was asked beforehand") || !strings.HasSuffix(called[1], "-c release=abc-2 -c canary=off") {
		t.Errorf("%v\n%s\n%v", err, out, called)
	}
	if _, called, err = deploy("nothing stops", "ACCEPT=logs of API Gateway,dns"); err != nil || called[0] != all[0]+" --accept logs of API Gateway,dns" {
		t.Errorf("%v, %v", err, called)
	}
}
