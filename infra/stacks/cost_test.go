package stacks_test

import (
	"strings"
	"testing"

	"infocig/infra/cost"
	"infocig/infra/rules"
)

// most is what a stage may cost in a month in which nobody uses it, in US dollars.
const most = 15

// TestCostAtRest adds up what each choice of an owner costs. Every type of resource has
// a price, or a reason why it is free: else it is an error.
func TestCostAtRest(t *testing.T) {
	for name := range variants {
		b, err := cost.Of(assembly(t, name))
		must(t, err)
		if b.AtLeast() > most || b.AtLeast() < 10 {
			t.Errorf("%s: %.2f without what is optional, %d at most", name, b.AtLeast(), most)
		}
		optional := name == "web ACL" || name == "details"
		if (b.All() > b.AtLeast()) != optional {
			t.Errorf("%s: %.2f, and %.2f without what is optional", name, b.All(), b.AtLeast())
		}
		var out strings.Builder
		b.Print(&out)
		for _, part := range []string{"eu-south-1", "together", "optional: waf", "DynamoDB $0.25"} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s: nothing about %q", name, part)
			}
		}
	}
}

func TestWhatHasNoPriceIsSaid(t *testing.T) {
	a := assembly(t, "dev")
	for _, s := range a {
		s.Resources["New"] = rules.Resource{Type: "AWS::EC2::NatGateway"}
		break
	}
	if _, err := cost.Of(a); err == nil || !strings.Contains(err.Error(), "AWS::EC2::NatGateway") {
		t.Errorf("got %v", err)
	}
}
