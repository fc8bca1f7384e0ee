package main

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"infocig/shared/servers"
)

// TestRollback takes functions back on a server that is not AWS's.
func TestRollback(t *testing.T) {
	t.Chdir("..")
	server, err := servers.Moto(t.Context())
	must(t, err)
	t.Cleanup(server.Stop)
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	makeRole(t, server.URL)
	client := lambda.NewFromConfig(cfg, func(o *lambda.Options) { o.BaseEndpoint = &server.URL })
	folders, err := os.ReadDir("functions")
	must(t, err)
	version := func(name string) string {
		out, err := client.GetAlias(t.Context(), &lambda.GetAliasInput{FunctionName: &name, Name: ptr(alias)})
		must(t, err)
		return *out.FunctionVersion
	}
	for _, f := range folders {
		name := "infocig-dev-" + f.Name()
		for n, publish := range []string{"one", "two", "three"} {
			code := &types.FunctionCode{ZipFile: zipped(t, publish)}
			if n == 0 {
				_, err = client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
					FunctionName: &name, Role: ptr("arn:aws:iam::123456789012:role/r"), Runtime: types.RuntimeProvidedal2023, Handler: ptr("bootstrap"), Code: code,
				})
			} else {
				_, err = client.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: &name, ZipFile: code.ZipFile})
			}
			must(t, err)
			_, err = client.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: &name})
			must(t, err)
		}
		_, err = client.CreateAlias(t.Context(), &lambda.CreateAliasInput{FunctionName: &name, Name: ptr(alias), FunctionVersion: ptr("3")})
		must(t, err)
	}
	for _, want := range []string{"2", "1"} {
		_, text, err := ops(t, "", "rollback", "--stage", "dev", "--endpoint", server.URL)
		must(t, err)
		for _, f := range folders {
			if got := version("infocig-dev-" + f.Name()); got != want || !strings.Contains(text, `"`+f.Name()+`"`) {
				t.Errorf("%s is at version %s, want %s: %s", f.Name(), got, want, text)
			}
		}
	}
	_, _, err = ops(t, "", "rollback", "--stage", "dev", "--endpoint", server.URL)
	if err == nil || !strings.Contains(err.Error(), "none before it") {
		t.Errorf("back from the first: %v", err)
	}
}

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

// TestSmoke breaks one thing after the other.
func TestSmoke(t *testing.T) {
	for name, test := range map[string]struct {
		broken string // path
		answer http.HandlerFunc
		failed string
	}{
		"all is well":     {"", nil, ""},
		"no policy":       {"/", func(http.ResponseWriter, *http.Request) {}, "content security policy"},
		"no short paths":  {"/myinps", http.NotFound, "/myinps"},
		"no answer":       {"/v1/availability", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500"},
		"not ours":        {"/v1/availability", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "no state"},
		"out of order":    {"/v1/availability", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"state":"fault","text":"x"}`)) }, "out of order"},
		"open to anybody": {"/v1/me", func(http.ResponseWriter, *http.Request) {}, "/v1/me"},
		"socket, too":     {"/socket", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "403"},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]http.HandlerFunc{
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
			if test.broken != "" {
				answers[test.broken] = test.answer
			}
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Path](w, r) }))
			t.Cleanup(s.Close)
			_, text, err := ops(t, "", "smoke", "--pages", s.URL, "--socket", "ws"+strings.TrimPrefix(s.URL, "http")+"/socket")
			switch {
			case test.failed == "" && (err != nil || strings.Count(text, "ok ") != 5):
				t.Errorf("got %v\n%s", err, text)
			case test.failed != "" && (err == nil || !strings.Contains(err.Error(), test.failed) || !strings.Contains(text, "FAILED")):
				t.Errorf("got %v, want %q\n%s", err, test.failed, text)
			}
		})
	}
}
