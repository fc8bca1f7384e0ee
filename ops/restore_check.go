package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tableName is how a table may be called.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// backupDays is for how many days DynamoDB can go back.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
const backupDays = 35

// inBackups checks, without AWS, a time to which a table is to be restored.
func inBackups(at, now time.Time) error {
	switch {
	case !at.Before(now):
		return errors.New("--at: want a time that is over")
	case at.Before(now.AddDate(0, 0, -backupDays)):
		return fmt.Errorf("--at %s: backups go back %d days, not so far", at.Format(time.RFC3339), backupDays)
	}
	return nil
}

// check sees whether the table can be made, before anything is closed. A table that an earlier command has begun is good
// whatever the backups say by now.
func (r restoring) check(ctx context.Context) error {
	switch {
	case !tableName.MatchString(r.Target):
		return fmt.Errorf("--target %s: want 3 to 255 of a-z, A-Z, 0-9, _, . and -", r.Target)
	case r.Target == r.from.name:
		return fmt.Errorf("--target %s: it is the table that is restored from: give a new name", r.Target)
	}
	found, err := r.describe(ctx)
	if err != nil {
		return err
	}
	if found != nil {
		return r.ours(found)
	}
	out, err := r.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &r.from.name})
	if err != nil {
		return err
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if p == nil || p.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		return fmt.Errorf("point-in-time recovery of %s is off: there is no backup to restore from", r.from.name)
	}
	early, late := p.EarliestRestorableDateTime, p.LatestRestorableDateTime
	// A whole second is asked for: one that is begun is not refused.
	if early != nil && r.At.Before(early.Truncate(time.Second)) || late != nil && r.At.After(*late) {
		return fmt.Errorf("--at %s: %s can be restored to a time from %s to %s", r.At.Format(time.RFC3339), r.from.name,
			aws.ToTime(early).UTC().Format(time.RFC3339), aws.ToTime(late).UTC().Format(time.RFC3339))
	}
	return nil
}

// ours returns an error if a table is not what this command would make.
func (r restoring) ours(found *types.TableDescription) error {
	s := found.RestoreSummary
	if s == nil || !strings.HasSuffix(aws.ToString(s.SourceTableArn), ":table/"+r.from.name) || aws.ToTime(s.RestoreDateTime).Sub(r.At).Abs() > near {
		return fmt.Errorf("there is a table %s that was not made from %s of that time: give another --target", r.Target, r.from.name)
	}
	return nil
}
