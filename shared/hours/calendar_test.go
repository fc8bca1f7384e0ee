package hours_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/hours"
)

func TestNewRefuses(t *testing.T) {
	weekdays, three, six := hours.MondayToFriday(), hours.Clock(15, 0), hours.Clock(18, 0)
	now := rome(t, "2023-03-08 00:00:00")
	tests := map[string]struct {
		days          hours.Days
		opens, closes hours.TimeOfDay
		closure       *hours.Closure
		want          string
	}{
		"no day":                       {nil, three, six, nil, "days: there is none"},
		"a day twice":                  {hours.Days{1, 1}, three, six, nil, "Monday comes twice"},
		"an eighth day":                {hours.Days{7}, three, six, nil, "no weekday has number 7"},
		"closing before opening":       {weekdays, six, three, nil, "closes: 15:00 is not after 18:00"},
		"never open":                   {weekdays, three, three, nil, "closes:"},
		"after the end of the day":     {weekdays, three, hours.Clock(24, 1), nil, "closes:"},
		"before the start of the day":  {weekdays, -1, six, nil, "closes:"},
		"opening at an hour that is 0": {weekdays, hours.Clock(2, 30), six, nil, "opens: 02:30 is missing or doubled"},
		"closing at an hour that is 2": {weekdays, hours.Clock(1, 0), hours.Clock(2, 0), nil, "closes: 02:00 is missing or doubled"},
		"empty closure":                {weekdays, three, six, &hours.Closure{From: now, Until: now, Reason: "x"}, "closures: number 1 does not end"},
		"closure without a beginning":  {weekdays, three, six, &hours.Closure{Until: now, Reason: "x"}, "closures: number 1 does not end"},
		"closure without a reason":     {weekdays, three, six, &hours.Closure{From: now, Until: now.Add(1)}, "closures: number 1 gives no reason"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var closures []hours.Closure
			if tt.closure != nil {
				closures = append(closures, *tt.closure)
			}
			_, err := hours.New(tt.days, tt.opens, tt.closes, true, closures...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestCalendarIsData(t *testing.T) {
	const document = `{"days":["MON","TUE","WED","THU","FRI"],"opens":"15:00","closes":"18:00","holidays":true,` +
		`"closures":[{"from":"2023-03-08T00:00:00+01:00","until":"2023-03-09T00:00:00+01:00","reason":"sciopero"}]}`
	var got hours.Calendar
	if err := json.Unmarshal([]byte(document), &got); err != nil {
		t.Fatal(err)
	}
	want := calendar(t, hours.Closure{
		From:   rome(t, "2023-03-08 00:00:00"),
		Until:  rome(t, "2023-03-09 00:00:00"),
		Reason: "sciopero",
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	written, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(document, string(written)); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

func TestCalendarDataIsStrict(t *testing.T) {
	tests := map[string]string{
		"unknown field":        `{"days":["MON"],"opens":"15:00","closes":"18:00","holidays":true,"hollidays":false}`,
		"holidays not said":    `{"days":["MON"],"opens":"15:00","closes":"18:00"}`,
		"unknown day":          `{"days":["LUN"],"opens":"15:00","closes":"18:00","holidays":true}`,
		"hour of one digit":    `{"days":["MON"],"opens":"9:00","closes":"18:00","holidays":true}`,
		"minute 60":            `{"days":["MON"],"opens":"15:60","closes":"18:00","holidays":true}`,
		"after 24:00":          `{"days":["MON"],"opens":"15:00","closes":"24:01","holidays":true}`,
		"not digits":           `{"days":["MON"],"opens":"15:00","closes":"1/:00","holidays":true}`,
		"hours make no sense":  `{"days":["MON"],"opens":"18:00","closes":"15:00","holidays":true}`,
		"closure of no length": `{"days":["MON"],"opens":"15:00","closes":"18:00","holidays":true,"closures":[{"from":"2023-03-08T00:00:00Z","until":"2023-03-08T00:00:00Z","reason":"x"}]}`,
	}
	for name, document := range tests {
		t.Run(name, func(t *testing.T) {
			var c hours.Calendar
			if err := json.Unmarshal([]byte(document), &c); err == nil {
				t.Errorf("accepted as %+v", c)
			}
			if diff := cmp.Diff(hours.Calendar{}, c); diff != "" {
				t.Errorf("changed by a refused document:\n%s", diff)
			}
		})
	}
}

func TestNewKeepsItsOwnClosures(t *testing.T) {
	closures := []hours.Closure{{
		From:   rome(t, "2023-03-08 00:00:00"),
		Until:  rome(t, "2023-03-09 00:00:00"),
		Reason: "sciopero",
	}}
	c := calendar(t, closures...)
	closures[0].Until = closures[0].From.Add(time.Minute)
	if c.At(rome(t, "2023-03-08 16:00:00")).Open {
		t.Error("the calendar changed with the caller's slice")
	}
}
