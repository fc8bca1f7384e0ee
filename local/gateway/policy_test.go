package gateway

import "testing"

func TestWildcard(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"a*c", "abbc", true}, {"a*c", "abcd", false}, {"*b*", "abc", true}, {"a*b*c", "axbyc", true}, {"a*b*c", "axyc", false},
	} {
		if got := wildcard(test.pattern, test.s); got != test.want {
			t.Errorf("wildcard(%q, %q) = %v", test.pattern, test.s, got)
		}
	}
}

func TestPolicyDenyWins(t *testing.T) {
	for name, test := range map[string]struct {
		policy string
		want   bool
	}{
		"allow then deny":    {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"execute-api:*","Resource":"arn"}]`, false},
		"deny of others":     {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"other"}]`, true},
		"one statement":      {`{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":["x","a*"]}`, true},
		"another action":     {`{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":"*"}`, false},
		"nothing that fits":  {`{"Effect":"Allow","Action":"*","Resource":"b*"}`, false},
		"statement w/o rest": {`{"Effect":"Allow"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseAuthorization([]byte(`{"principalId":"p","policyDocument":{"Statement":`+test.policy+`}}`), "arn")
			if err != nil || got.Allowed != test.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}
