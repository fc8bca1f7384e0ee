package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/infra/owner"
	"infocig/shared/chat/store"
	"infocig/shared/hours"
	"infocig/shared/table"
	"infocig/shared/table/dynamo"
)

type restoreCommand struct {
	staged
	At     time.Time     `required:"" placeholder:"TIME" help:"To which second of the last 35 days, as 2026-11-25T10:00:00Z."`
	Target string        `placeholder:"NAME" help:"The new table; by default that of now with the time behind its name."`
	Reason string        `placeholder:"TEXT" help:"Why the desk is closed, in Italian; it is asked for where the desk is not closed and none is given."`
	Yes    bool          `help:"Do not ask: without --reason the desk is left as it is."`
	Look   time.Duration `default:"15s" hidden:"" help:"How often to look whether the table is there."`
}

func (c restoreCommand) place() place { return place{Stage: c.Stage, cloud: c.cloud} }

// A restoring is a table that comes from a backup, and the one that it will replace.
type restoring struct {
	restoreCommand
	terminal
	client   *dynamodb.Client
	from     target
	key      string // alias of the stage's
	old, new store.Store
}

// Run restores the table of a stage into a new one. Every step looks first whether it has been made:
// given again, the command goes on where it stopped.
func (c restoreCommand) Run(ctx context.Context, t terminal) error {
	if err := inBackups(c.At, time.Now()); err != nil {
		return err
	}
	from, err := c.place().target(ctx)
	if err != nil {
		return err
	}
	if c.Target == "" {
		c.Target = from.name + "-" + c.At.UTC().Format("20060102t150405z")
	}
	r := restoring{restoreCommand: c, terminal: t, client: from.client(), from: from, key: "alias/" + from.stage.name("data")}
	r.old, r.new = store.New(dynamo.New(r.client, from.name)), store.New(dynamo.New(r.client, c.Target))
	if err := r.check(ctx); err != nil {
		return fmt.Errorf("nothing has happened: %w", err)
	}
	for _, step := range []struct {
		what string
		make func(context.Context) error
	}{
		{"desk", r.closed}, {"table", r.restore}, {"wait", r.wait}, {"recovery", r.recovery}, {"time to live", r.timeToLive},
		{"deletion protection", r.protection}, {"rules", r.rules}, {"erasures", r.erasures},
	} {
		if err := step.make(ctx); err != nil {
			return fmt.Errorf("stopped at %s; give the same command again, which goes on from there: %w", step.what, err)
		}
	}
	fmt.Fprintf(t.out, `%[1]s is ready; nothing uses it yet. What remains:
  1. "restored_table": "%[1]s" in %[2]s
  2. make deploy STAGE=%[3]s CANARY=off    # all functions go to it at once
  3. go run ./ops open --stage %[3]s
`, c.Target, owner.File(from.stage.stage), c.Stage)
	return nil
}

func (r restoring) say(format string, args ...any) {
	fmt.Fprintf(r.out, time.Now().Format(time.TimeOnly)+"  "+format+"\n", args...)
}

// closed offers to close the desk: what is written from now on is lost.
func (r restoring) closed(ctx context.Context) error {
	rules, err := r.old.DeskRules(ctx)
	if err != nil {
		return err
	}
	policy, err := rules.Policy()
	if err != nil {
		return err
	}
	if s := policy.Calendar.At(time.Now()); s.Reason == hours.OnClosure {
		r.say("the desk is closed: %s, until %s", s.Name, s.Until.In(hours.Rome()).Format("2006-01-02 15:04"))
		return r.running(ctx)
	}
	reason := r.Reason
	if reason == "" && !r.Yes {
		fmt.Fprint(r.err, "The desk is not closed, and what is written from now on will be lost.\nWhy is it closed, in a few words of Italian? (nothing: leave it as it is) ")
		answer, answered := line(r.in)
		if !answered {
			return errors.New("nobody answers: give --reason to close the desk, or --yes to leave it as it is")
		}
		reason = answer
	}
	if reason == "" {
		r.say("the desk is left as it is: what is written from now on will be lost")
		return r.running(ctx)
	}
	who, err := r.place().staff(ctx)
	if err != nil {
		return err
	}
	desk := deskOver(r.old)
	if err := r.place().tell(ctx, desk); err != nil { // it is closed all the same
		r.say("who is connected is told within half a minute, and not at once: %v", err)
	}
	if err := closeDesk(ctx, r.terminal, desk, who, reason, time.Time{}); err != nil {
		return err
	}
	return r.running(ctx)
}

// running says how many conversations go on.
func (r restoring) running(ctx context.Context) error {
	n := 0
	for from := ""; ; {
		page, next, err := r.old.AllLive(ctx, from)
		if err != nil {
			return err
		}
		n += len(page)
		if from = next; from == "" {
			break
		}
	}
	if n > 0 {
		r.say("%d conversations go on in the old table: what they write is not in the new one", n)
	}
	return nil
}

// describe returns the new table, nil if there is none.
func (r restoring) describe(ctx context.Context) (*types.TableDescription, error) {
	out, err := r.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.Target})
	if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return out.Table, nil
}

// near is how much the time of a backup may differ from the one that was asked for.
const near = 5 * time.Second

// restore begins to make the new table, encrypted with the stage's key.
func (r restoring) restore(ctx context.Context) error {
	found, err := r.describe(ctx)
	if err != nil {
		return err
	}
	if found != nil {
		if err := r.ours(found); err != nil {
			return err
		}
		r.say("%s is there already, from %s", r.Target, aws.ToTime(found.RestoreSummary.RestoreDateTime).UTC().Format(time.RFC3339))
		return nil
	}
	_, err = r.client.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableName: &r.from.name, TargetTableName: &r.Target, RestoreDateTime: &r.At,
		SSESpecificationOverride: &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: &r.key},
	})
	if err == nil {
		r.say("%s is made from %s as it was at %s", r.Target, r.from.name, r.At.UTC().Format(time.RFC3339))
	}
	return err
}

// wait waits until the new table is there, and tells every minute that it waits.
func (r restoring) wait(ctx context.Context) error {
	begun, told := time.Now(), time.Time{}
	for {
		found, err := r.describe(ctx)
		if err != nil {
			return err
		}
		if found == nil {
			return errors.New("it has vanished")
		}
		if found.TableStatus == types.TableStatusActive {
			r.say("%s is there", r.Target)
			return nil
		}
		if found.TableStatus != types.TableStatusCreating && found.TableStatus != types.TableStatusUpdating {
			return fmt.Errorf("it is %s", found.TableStatus)
		}
		if time.Since(told) >= time.Minute {
			told = time.Now()
			r.say("%s, for %s; AWS names no time: from minutes to hours", found.TableStatus, time.Since(begun).Round(time.Second))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(r.Look):
		}
	}
}

// recovery switches on what a restored table does not have, and what the next restore needs.
func (r restoring) recovery(ctx context.Context) error {
	on := func() (bool, error) {
		out, err := r.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &r.Target})
		if err != nil {
			return false, err
		}
		pitr := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		return pitr != nil && pitr.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled, nil
	}
	is, err := on()
	for tries := 0; err == nil && !is; tries++ {
		_, err = r.client.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: &r.Target, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
		})
		// A table that is new has no backups for a while.
		if _, soon := errors.AsType[*types.ContinuousBackupsUnavailableException](err); soon && tries < 20 {
			err = nil
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(r.Look):
			}
			continue
		}
		if err == nil {
			is, err = on()
		}
	}
	if err == nil {
		r.say("point-in-time recovery is on")
	}
	return err
}

func (r restoring) timeToLive(ctx context.Context) error {
	out, err := r.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &r.Target})
	if err != nil {
		return err
	}
	if d := out.TimeToLiveDescription; d == nil || d.TimeToLiveStatus != types.TimeToLiveStatusEnabled && d.TimeToLiveStatus != types.TimeToLiveStatusEnabling {
		if _, err := r.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName: &r.Target, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(table.Expires), Enabled: aws.Bool(true)},
		}); err != nil {
			return err
		}
	}
	r.say("time to live is on")
	return nil
}

// protection protects the new table from being deleted as the old one is.
func (r restoring) protection(ctx context.Context) error {
	old, err := r.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.from.name})
	if err != nil {
		return err
	}
	found, err := r.describe(ctx)
	if err != nil || found == nil {
		return cmpErr(err, "the table has vanished")
	}
	want := aws.ToBool(old.Table.DeletionProtectionEnabled)
	if want && !aws.ToBool(found.DeletionProtectionEnabled) {
		if _, err := r.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &r.Target, DeletionProtectionEnabled: &want}); err != nil {
			return err
		}
	}
	r.say("deletion protection: %t, as that of the old one", want)
	return nil
}

// rules copies those of now, and with them the closure: on those of the backup the desk would open.
func (r restoring) rules(ctx context.Context) error {
	err := store.CopyRules(ctx, dynamo.New(r.client, r.Target), dynamo.New(r.client, r.from.name))
	if err == nil {
		r.say("rules and closures are those of now")
	}
	return err
}

// erasing is how long before the time of the backup an erasure may have been noted and not have come to
// its end: it is noted first. One that is given twice has its effect once.
const erasing = 24 * time.Hour

// erasures gives those since the backup again.
func (r restoring) erasures(ctx context.Context) error {
	all, err := ledgerIn(r.client, r.from.ledger).since(ctx, r.At.Add(-erasing))
	if err != nil {
		return err
	}
	sum, err := eraseAgain(ctx, deskOver(r.new), all)
	if err == nil {
		r.say("%d erasures were given again: %d conversations are gone", sum.Erasures, sum.Conversations)
	}
	return err
}
