package secrets

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"infocig/shared/test/servers"
)

const (
	name   = "arn:aws:secretsmanager:eu-south-1:123456789012:secret:infocig/LINEA_SECRET-AbCdEf"
	hidden = "what nobody may see"
)

func config(url string) aws.Config {
	return aws.Config{
		Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "key", "session"), BaseEndpoint: &url,
	}
}

// TestReadFromAServer reads from a server that is not ours.
func TestReadFromAServer(t *testing.T) {
	server, err := servers.Moto(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	cfg := config(server.URL)
	client := secretsmanager.NewFromConfig(cfg)
	made, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("a"), SecretString: aws.String(`{"a": "é\n\u0001"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := New(cfg).Read(t.Context(), *made.ARN); err != nil || got != `{"a": "é\n\u0001"}` {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := New(cfg).Read(t.Context(), name); err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("one that is not there: %v", err)
	}
	binary, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("b"), SecretBinary: []byte(hidden)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(cfg).Read(t.Context(), *binary.ARN); err == nil || !strings.Contains(err.Error(), "no SecretString") {
		t.Errorf("a binary one: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	good := `{"ARN":"a","SecretString":"` + hidden + `","VersionStages":["AWSCURRENT"]}`
	type answer struct {
		status int
		body   string
	}
	for title, test := range map[string]struct {
		answers []answer // the last one is given again and again
		asked   int
		err     string // "" if it is read
	}{
		"at once":             {[]answer{{200, good}}, 1, ""},
		"after a failure":     {[]answer{{500, ``}, {200, good}}, 2, ""},
		"after two":           {[]answer{{503, `<html>`}, {400, `{"__type":"ThrottlingException"}`}, {200, good}}, 3, ""},
		"never":               {[]answer{{500, `{"__type":"InternalServiceError"}`}}, 3, "status 500 InternalServiceError"},
		"too many requests":   {[]answer{{429, ``}}, 3, "status 429"},
		"not allowed":         {[]answer{{400, `{"__type":"com.amazonaws.secretsmanager#AccessDeniedException","Message":"` + hidden + `"}`}}, 1, "status 400 AccessDeniedException"},
		"not JSON":            {[]answer{{200, hidden}}, 1, "not as documented"},
		"cut":                 {[]answer{{200, good[:60]}}, 1, "not as documented"},
		"a number":            {[]answer{{200, `{"SecretString":1}`}}, 1, "not as documented"},
		"empty":               {[]answer{{200, `{"SecretString":""}`}}, 1, "no SecretString"},
		"somebody else's":     {[]answer{{302, hidden}}, 1, "status 302"},
		"longer than allowed": {[]answer{{200, `{"SecretString":"` + strings.Repeat(hidden, 1<<17) + `"}`}}, 1, "not as documented"},
	} {
		t.Run(title, func(t *testing.T) {
			asked := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				a := test.answers[min(asked, len(test.answers)-1)]
				asked++
				body, _ := io.ReadAll(r.Body)
				if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || string(body) != `{"SecretId":"`+name+`","VersionStage":"AWSCURRENT"}` {
					t.Errorf("asked %s %s", r.Header, body)
				}
				auth := r.Header.Get("Authorization")
				if !strings.Contains(auth, "/eu-south-1/secretsmanager/aws4_request") || r.Header.Get("X-Amz-Security-Token") != "session" {
					t.Errorf("signed %q", auth)
				}
				w.WriteHeader(a.status)
				_, _ = io.WriteString(w, a.body)
			}))
			defer s.Close()
			got, err := New(config(s.URL+"/")).Read(t.Context(), name)
			if asked != test.asked {
				t.Errorf("asked %d times, want %d", asked, test.asked)
			}
			switch {
			case test.err == "":
				if err != nil || got != hidden {
					t.Errorf("got %q, %v", got, err)
				}
			case err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), hidden) || got != "":
				t.Errorf("got %q, %v, want %s", got, err, test.err)
			}
		})
	}
}

// TestNobodyWaitsLongerThanTheContext: a pause ends with it too.
func TestNobodyWaitsLongerThanTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, asked := time.Now(), 0
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		cfg := config("http://127.0.0.1")
		cfg.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
			asked++
			return &http.Response{StatusCode: http.StatusInternalServerError, Body: http.NoBody}, r.Context().Err()
		})
		if _, err := New(cfg).Read(ctx, name); err == nil || asked != 1 || time.Since(start) != time.Millisecond {
			t.Errorf("asked %d times in %v: %v", asked, time.Since(start), err)
		}
		if _, err := New(cfg).Read(ctx, name); !errors.Is(err, context.DeadlineExceeded) || asked != 2 {
			t.Errorf("asked %d times: %v", asked, err)
		}
	})
}

func TestWhereSecretsAre(t *testing.T) {
	for arn, want := range map[string]string{
		name: "secretsmanager.eu-south-1.amazonaws.com",
		"arn:aws-eusc:secretsmanager:eusc-de-east-1:123456789012:secret:a": "secretsmanager.eusc-de-east-1.amazonaws.eu",
		"arn:aws:ssm:eu-south-1:1:secret:a":                                "",
		"arn:aws:s3:::bucket":                                              "",
		"arn:aws:secretsmanager:eu-south-1:1:other":                        "",
		"arn:aws:secretsmanager::1:secret:a":                               "",
		"arn:else:secretsmanager:eu-south-1:1:secret:a":                    "",
		"arn:" + hidden: "",
	} {
		var asked string
		cfg := config("")
		cfg.BaseEndpoint, cfg.HTTPClient = nil, doer(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.Host
			return &http.Response{StatusCode: http.StatusBadRequest, Body: http.NoBody}, nil
		})
		_, err := New(cfg).Read(t.Context(), arn)
		if asked != want || err == nil || strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: asked %q, want %q: %v", arn, asked, want, err)
		}
	}
}

// A doer is an HTTP client.
type doer func(*http.Request) (*http.Response, error)

// Do implements aws.HTTPClient.
func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
