package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"infocig/infra/topology"
)

// A release is what every function was after a deployment: the versions that belong
// together. ADR 0043.
type release struct {
	ID        string            `json:"id"`
	At        time.Time         `json:"at"`
	Functions map[string]string `json:"functions"` // versions
}

// releases is the partition of the ledger that keeps them.
const releases = "release"

// keptReleases is to how many releases a stage can go back. AWS keeps 75 GB of
// versions in a region.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const keptReleases = 10

type releaseCommand struct {
	Next   nextCommand   `cmd:"" help:"Print the id of the release that a deployment of this commit makes."`
	Record recordCommand `cmd:"" help:"Note which versions are live after a deployment, and delete those that no release of the last ten has."`
	List   listCommand   `cmd:"" help:"Print the releases that were recorded, the newest first."`
}

type staged struct {
	Stage string `required:"" placeholder:"NAME" help:"Installation in AWS, as dev or prod."`
	cloud
}

// A deployed installation is one with its functions.
type deployed struct {
	installation
	lambda *lambda.Client
	ledger tableLedger
}

func (c staged) deployed(ctx context.Context) (deployed, error) {
	i, err := c.installation(ctx, c.Stage)
	return deployed{installation: i, lambda: lambda.NewFromConfig(i.cfg)}, err
}

// recorded returns the releases, the oldest first.
func (d *deployed) recorded(ctx context.Context) ([]release, error) {
	name, err := d.output(ctx, "data", "LedgerName")
	if err != nil {
		return nil, err
	}
	d.ledger = ledgerIn(dynamodb.NewFromConfig(d.cfg), name)
	return read[release](ctx, d.ledger, releases, "0")
}

// A version of a function, and the release that its description says it is of.
type version struct {
	n       int
	release string
}

// versions returns the published ones of a function; none if there is no such function.
func (d *deployed) versions(ctx context.Context, f topology.Function) ([]version, error) {
	var all []version
	pages := lambda.NewListVersionsByFunctionPaginator(d.lambda, &lambda.ListVersionsByFunctionInput{FunctionName: aws.String(d.name(string(f)))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if isMissing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, v := range page.Versions {
			if n, err := strconv.Atoi(aws.ToString(v.Version)); err == nil { // $LATEST is none
				all = append(all, version{n, topology.ReleaseIn(aws.ToString(v.Description))})
			}
		}
	}
	return all, nil
}

// live returns the version that the alias of a function leads to, "" where there is none,
// and any other that gets a part of the calls.
func (d *deployed) live(ctx context.Context, f topology.Function) (version string, others []string, err error) {
	out, err := d.lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: aws.String(d.name(string(f))), Name: aws.String(topology.Alias)})
	if isMissing(err) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if out.RoutingConfig != nil {
		others = slices.Sorted(maps.Keys(out.RoutingConfig.AdditionalVersionWeights))
	}
	return aws.ToString(out.FunctionVersion), others, nil
}

func isMissing(err error) bool {
	_, missing := errors.AsType[*types.ResourceNotFoundException](err)
	return missing
}

type nextCommand struct {
	staged
	Commit string `placeholder:"ID" help:"By default that of the working tree."`
}

// Run prints the id of the next release.
func (c nextCommand) Run(ctx context.Context, t terminal) error {
	d, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	if c.Commit == "" {
		if c.Commit, err = commit(ctx, "."); err != nil {
			return err
		}
	}
	live, err := d.allLive(ctx)
	if err != nil {
		return err
	}
	published := map[string][]version{}
	for _, f := range topology.Functions {
		if published[string(f)], err = d.versions(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", d.name(string(f)), err)
		}
	}
	_, err = fmt.Fprintln(t.out, next(c.Commit, published, live))
	return err
}

// next returns the id of a release of a commit: the commit's own, or with -2, -3 … where
// functions have versions of that id and not all of them are live. Lambda makes no new
// version of what has not changed, and CloudFormation then fails with "already exists"
// (aws-cdk #28252): the id, which is in the description of each function, is a change.
// What is live as a whole keeps its id, so that there is nothing to deploy.
func next(commit string, published map[string][]version, live map[string]string) string {
	latest := 0 // the number behind the id
	for _, all := range published {
		for _, v := range all {
			latest = max(latest, attempt(commit, v.release))
		}
	}
	if latest == 0 {
		return commit
	}
	id := numbered(commit, latest)
	for f, all := range published {
		if !slices.ContainsFunc(all, func(v version) bool { return v.release == id && strconv.Itoa(v.n) == live[f] }) {
			return numbered(commit, latest+1)
		}
	}
	return id
}

func numbered(commit string, n int) string {
	if n == 1 {
		return commit
	}
	return fmt.Sprintf("%s-%d", commit, n)
}

// attempt returns the number behind the id of a release of a commit, 0 for another commit.
func attempt(commit, id string) int {
	if id == commit {
		return 1
	}
	rest, ok := strings.CutPrefix(id, commit+"-")
	if n, err := strconv.Atoi(rest); ok && err == nil {
		return n
	}
	return 0
}

type recordCommand struct{ staged }

// Run records what is live and deletes old versions.
func (c recordCommand) Run(ctx context.Context, t terminal) error {
	d, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	recorded, err := d.recorded(ctx)
	if err != nil {
		return err
	}
	fresh := release{At: time.Now().UTC(), Functions: map[string]string{}}
	published := map[string][]version{}
	of := map[string][]string{} // functions by the release that they say
	for _, f := range topology.Functions {
		v, others, err := d.live(ctx, f)
		if err == nil {
			published[string(f)], err = d.versions(ctx, f)
		}
		switch {
		case err != nil:
		case v == "":
			err = errors.New("it is not there, or has no alias")
		case len(others) > 0:
			err = fmt.Errorf("version %s gets a part of the calls: a deployment is under way", others[0])
		}
		if err != nil {
			return fmt.Errorf("nothing was recorded: %s: %w", d.name(string(f)), err)
		}
		fresh.Functions[string(f)] = v
		i := slices.IndexFunc(published[string(f)], func(p version) bool { return strconv.Itoa(p.n) == v })
		if i < 0 || published[string(f)][i].release == "" {
			return fmt.Errorf("nothing was recorded: %s: its live version %s does not say of which release it is", d.name(string(f)), v)
		}
		fresh.ID = published[string(f)][i].release
		of[fresh.ID] = append(of[fresh.ID], string(f))
	}
	if len(of) > 1 {
		return fmt.Errorf("nothing was recorded: functions of several releases are live, so the deployment did not come to its end: %v", of)
	}
	if n := len(recorded); n == 0 || recorded[n-1].ID != fresh.ID || !maps.Equal(recorded[n-1].Functions, fresh.Functions) {
		if err := d.ledger.put(ctx, releases, stamp(fresh.At)+"#"+fresh.ID, fresh); err != nil {
			return err
		}
		recorded = append(recorded, fresh)
	}
	deleted, err := d.tidy(ctx, recorded, published, fresh.Functions)
	return errors.Join(t.print(struct {
		release
		Deleted int `json:"deleted_versions"`
	}{fresh, deleted}), err)
}

// tidy deletes the versions that are older than the live one and in no release of the last ten.
func (d *deployed) tidy(ctx context.Context, recorded []release, published map[string][]version, live map[string]string) (deleted int, met error) {
	for f, all := range published {
		for _, n := range useless(f, recorded[max(0, len(recorded)-keptReleases):], all, live[f]) {
			_, err := d.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String(d.name(f)), Qualifier: aws.String(n)})
			if err != nil {
				met = errors.Join(met, fmt.Errorf("%s: version %s was not deleted: %w", d.name(f), n, err))
				continue
			}
			deleted++
		}
	}
	return deleted, met
}

// useless returns the versions of a function that nobody goes back to. A version that is newer than
// the live one may belong to a deployment under way.
func useless(f string, kept []release, all []version, live string) (old []string) {
	now, err := strconv.Atoi(live)
	if err != nil {
		return nil
	}
	for _, v := range all {
		n := strconv.Itoa(v.n)
		if v.n < now && !slices.ContainsFunc(kept, func(r release) bool { return r.Functions[f] == n }) {
			old = append(old, n)
		}
	}
	return old
}

type listCommand struct{ staged }

// Run prints the releases.
func (c listCommand) Run(ctx context.Context, t terminal) error {
	d, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	recorded, err := d.recorded(ctx)
	if err != nil {
		return err
	}
	live, err := d.allLive(ctx)
	if err != nil {
		return err
	}
	type line struct {
		release
		Live bool `json:"live"`
	}
	lines := []line{}
	for _, r := range slices.Backward(recorded) {
		lines = append(lines, line{r, r.is(live)})
	}
	return t.print(lines)
}

func (d *deployed) allLive(ctx context.Context) (map[string]string, error) {
	live := map[string]string{}
	for _, f := range topology.Functions {
		v, _, err := d.live(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.name(string(f)), err)
		}
		if v != "" {
			live[string(f)] = v
		}
	}
	return live, nil
}

// is reports whether every function of r is at the version that it had in r.
func (r release) is(live map[string]string) bool {
	for f, v := range r.Functions {
		if live[f] != v {
			return false
		}
	}
	return len(r.Functions) > 0
}

// before returns the release to go back to: the one that was recorded before what is live.
// Where functions are of several, as when going back stopped halfway, it is the oldest of
// these; one whose version was never recorded, as in a deployment that failed, does not count.
func before(recorded []release, live map[string]string) (release, error) {
	none := errors.New("no release was recorded before what is live: deploy the last good commit")
	for i, r := range slices.Backward(recorded) {
		if !r.is(live) {
			continue
		}
		for i > 0 && maps.Equal(recorded[i-1].Functions, r.Functions) { // recorded twice
			i--
		}
		if i == 0 {
			return release{}, none
		}
		return recorded[i-1], nil
	}
	oldest := len(recorded)
	for f, v := range live {
		for i, r := range slices.Backward(recorded) {
			if r.Functions[f] == v {
				oldest = min(oldest, i)
				break
			}
		}
	}
	if oldest == len(recorded) {
		oldest-- // nothing that is live was ever recorded
	}
	if oldest < 0 {
		return release{}, none
	}
	return recorded[oldest], nil
}

// find returns the release of that id, or the one that was recorded at that time. An id that was recorded with several
// sets of versions is not guessed at.
func find(recorded []release, id string) (release, error) {
	var same []release
	for _, r := range slices.Backward(recorded) {
		if r.named() == id {
			return r, nil
		}
		if r.ID == id && !slices.ContainsFunc(same, func(s release) bool { return maps.Equal(s.Functions, r.Functions) }) {
			same = append(same, r)
		}
	}
	if len(same) == 1 {
		return same[0], nil
	}
	if len(same) > 1 {
		times := make([]string, 0, len(same))
		for _, r := range same {
			times = append(times, r.named())
		}
		return release{}, fmt.Errorf("--to %s: %d releases with other versions have this id: give the time of the one that is meant, --to %s", id, len(same), strings.Join(times, " or --to "))
	}
	known := make([]string, 0, len(recorded))
	for _, r := range slices.Backward(recorded) {
		known = append(known, r.ID)
	}
	return release{}, fmt.Errorf("--to %s: no such release was recorded; there are: %s", id, cmp.Or(strings.Join(known, ", "), "none"))
}

// named is the time of a release as ops release list prints it, which only one has.
func (r release) named() string { return r.At.Format(time.RFC3339Nano) }

// short says what AWS has against something, in a few words.
func short(err error) string {
	if refused, ok := errors.AsType[smithy.APIError](err); ok {
		return strings.TrimSpace(refused.ErrorCode() + " " + refused.ErrorMessage())
	}
	return err.Error()
}
