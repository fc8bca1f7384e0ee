package metrics_test

import (
	"strings"
	"testing"
	"time"

	"infocig/shared/aws/metrics"
)

func TestWrite(t *testing.T) {
	var out strings.Builder
	err := metrics.Write(&out, "dev", time.UnixMilli(1700000000123), map[metrics.Name]float64{metrics.Swept: 1, metrics.OutboxAge: 7})
	const want = `{"OutboxAge":7,"Stage":"dev","Swept":1,"_aws":{"Timestamp":1700000000123,"CloudWatchMetrics":[` +
		`{"Namespace":"INFOCIG","Dimensions":[["Stage"]],"Metrics":[{"Name":"OutboxAge"},{"Name":"Swept"}]}]}}` + "\n"
	if err != nil || out.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, out.String(), want)
	}
}
