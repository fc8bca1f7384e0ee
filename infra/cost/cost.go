// Package cost says what a stage costs in a month in which nobody uses it, from its
// synthesized templates: keys, secrets, alarms, metrics and the calls of schedules.
// What people use comes on top: "make counts" has the price of a chat.
package cost

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"infocig/infra/rules"
	"infocig/shared/aws/metrics"
)

// A line of a bill.
type line struct {
	what    string
	count   float64
	each    float64 // US dollars a month
	choices string  // the owner's value that does without it
}

func (l line) sum() float64 { return l.count * l.each }

// A Bill is what a stage costs in a month in which nobody uses it.
type Bill struct {
	region string
	lines  []line
}

// All returns the whole in US dollars.
func (b Bill) All() (sum float64) {
	for _, l := range b.lines {
		sum += l.sum()
	}
	return sum
}

// AtLeast returns it without what the owner can switch off.
func (b Bill) AtLeast() (sum float64) {
	for _, l := range b.lines {
		if l.choices == "" {
			sum += l.sum()
		}
	}
	return sum
}

// What a scheduled call takes when there is nothing to do: assumed, not measured. A table's share of reads is that of the sweep.
const (
	quietSeconds = 0.5
	quietReads   = 12
	quietLogGB   = 1e-6         // a kilobyte
	month        = 30 * 24 * 60 // minutes
)

// Of adds up the templates. A type that it does not know is an error: nobody would
// notice what it costs.
func Of(a rules.Assembly) (Bill, error) {
	b := Bill{}
	n := map[string]float64{}
	var unknown []string
	var calls, seconds, aclRules, detailed float64
	for _, s := range a {
		if strings.HasSuffix(s.Name, "-data") {
			b.region = s.Region
		}
		for id, r := range s.Resources {
			n[r.Type]++
			switch r.Type {
			case "AWS::CloudWatch::Alarm":
				n["metrics of alarms"] += metricsOf(r)
			case "AWS::SecretsManager::Secret", "AWS::KMS::Key", "AWS::CloudWatch::Dashboard", "AWS::Logs::MetricFilter":
			case "AWS::WAFv2::WebACL":
				all, _ := r.Properties["Rules"].([]any)
				aclRules += float64(len(all))
			case "AWS::Scheduler::Schedule":
				times, err := callsOf(fmt.Sprint(r.Properties["ScheduleExpression"]))
				if err != nil {
					return b, fmt.Errorf("%s: %w", id, err)
				}
				calls += times
				seconds += times * quietSeconds
			default:
				if free[r.Type] == "" {
					unknown = append(unknown, r.Type)
				}
			}
			if r.Type == "AWS::ApiGatewayV2::Stage" {
				if settings, _ := r.Properties["DefaultRouteSettings"].(map[string]any); settings["DetailedMetricsEnabled"] == true {
					detailed += routesOf(s) * metricsOfARoute
				}
			}
		}
	}
	if unknown != nil {
		return b, fmt.Errorf("no price is known of %s: add it to infra/cost/prices.go", strings.Join(unknown, ", "))
	}
	if b.region == "" {
		return b, errors.New("there is no stack of data")
	}
	by := dearer[b.region]
	if by == 0 {
		by = 1
	}
	b.lines = []line{
		{"keys", n["AWS::KMS::Key"], keyMonth, ""},
		{"secrets that the stack makes", n["AWS::SecretsManager::Secret"], secretMonth, ""},
		{"metrics that alarms look at", n["metrics of alarms"], alarmMonth, ""},
		{"metrics of our own", float64(len(metrics.Names)) + n["AWS::Logs::MetricFilter"], metricMonth, ""},
		{"dashboards", n["AWS::CloudWatch::Dashboard"], dashboardMonth, ""},
		{"scheduled calls", calls, (scheduleMillion + lambdaMillion*by + traceMillion*by) / 1e6, ""},
		{"their seconds, of 256 MB", seconds, lambdaGBSecond * by / 4, ""},
		{"their reads", calls * quietReads, readMillion * by / 1e6, ""},
		{"their logs, GB", calls * quietLogGB, logGB * by, ""},
		{"web ACL", n["AWS::WAFv2::WebACL"], aclMonth, "waf"},
		{"its rules", aclRules, aclRuleMonth, "waf"},
		{"metrics of each route, if all are used", detailed, metricMonth, "detailed_metrics"},
	}
	return b, nil
}

// metricsOfARoute is how many numbers API Gateway has of a route that is used.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
const metricsOfARoute = 6

func routesOf(s rules.Stack) (n float64) {
	for _, r := range s.Resources {
		if r.Type == "AWS::ApiGatewayV2::Route" {
			n++
		}
	}
	return n
}

// metricsOf returns how many metrics an alarm looks at.
func metricsOf(alarm rules.Resource) float64 {
	all, ok := alarm.Properties["Metrics"].([]any)
	if !ok {
		return 1
	}
	n := 0.0
	for _, m := range all {
		if m, _ := m.(map[string]any); m["MetricStat"] != nil {
			n++
		}
	}
	return n
}

var rate = regexp.MustCompile(`^rate\((\d+) minutes?\)$`)

// callsOf returns how often a schedule calls in a month.
func callsOf(expression string) (float64, error) {
	if m := rate.FindStringSubmatch(expression); m != nil {
		every, err := strconv.Atoi(m[1])
		return month / float64(every), err
	}
	if strings.HasPrefix(expression, "cron(") && strings.HasSuffix(expression, " * * ? *)") {
		return month / (24 * 60), nil // once a day
	}
	return 0, fmt.Errorf("it is not known how often %s calls", expression)
}

// Print prints it.
func (b Bill) Print(out io.Writer) {
	fmt.Fprintf(out, "A month in which nobody uses it, in %s, US dollars at list prices of %s, taxes and free tiers apart:\n\n", b.region, pricesOf)
	for _, l := range b.lines {
		choice := ""
		if l.choices != "" {
			choice = fmt.Sprintf("   optional: %s in the owner's values", l.choices)
		}
		fmt.Fprintf(out, "  %-42s %9.0f   %6.2f%s\n", l.what, l.count, l.sum(), choice)
	}
	fmt.Fprintf(out, "\n  %-42s %9s   %6.2f\n", "together", "", b.All())
	fmt.Fprintf(out, "  %-42s %9s   %6.2f\n", "without what is optional", "", b.AtLeast())
	fmt.Fprintf(out, "\nBy use, and not in it: chats (make counts), what is stored (DynamoDB $0.25 a GB and month, $0.20 for recovery;\nlogs $0.03), backups in another account ($0.10 a GB each). Secrets that you bring along are $0.40 each.\n")
}
