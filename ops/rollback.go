package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"infocig/infra/topology"
)

type rollbackCommand struct {
	staged
	To string `placeholder:"ID" help:"Release to go to, or the time at which it was recorded; by default the one recorded before what is live. ops release list prints them."`
}

// A rollback is what going back came to.
type rollback struct {
	Release string            `json:"release"`
	Moved   map[string]string `json:"moved"`
	Stayed  map[string]string `json:"stayed"` // why
}

// Run moves every function to the version that it had in a recorded release, at once.
// The stacks do not know: the next deployment moves it on again.
func (c rollbackCommand) Run(ctx context.Context, t terminal) error {
	d, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	recorded, err := d.recorded(ctx)
	if err != nil {
		return err
	}
	var to release
	if c.To != "" {
		to, err = find(recorded, c.To)
	} else {
		var live map[string]string
		if live, err = d.allLive(ctx); err == nil {
			to, err = before(recorded, live)
		}
	}
	if err != nil {
		return err
	}
	done := rollback{to.ID, map[string]string{}, map[string]string{}}
	failed := 0
	for _, f := range functionsOf(to) {
		why, moved := d.move(ctx, f, to.Functions[f])
		switch {
		case moved:
			done.Moved[f] = why
		default:
			done.Stayed[f] = why
			if why != alreadyThere && why != notInRelease {
				failed++
			}
		}
	}
	if err := t.print(done); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d functions did not move to release %s: put right what \"stayed\" says, and give: ops rollback --stage %s --to %s", failed, to.ID, c.Stage, cmp.Or(c.To, to.ID))
	}
	return nil
}

const (
	alreadyThere = "it is there already"
	notInRelease = "it is not in this release"
)

// functionsOf returns those of a release and those that came later.
func functionsOf(r release) []string {
	all := slices.Collect(maps.Keys(r.Functions))
	for _, f := range topology.Functions {
		if _, ok := r.Functions[string(f)]; !ok {
			all = append(all, string(f))
		}
	}
	slices.Sort(all)
	return all
}

// move gives a function all calls to a version, and says from where to where, or why not.
func (d *deployed) move(ctx context.Context, f, to string) (said string, moved bool) {
	if to == "" {
		return notInRelease, false
	}
	from, others, err := d.live(ctx, topology.Function(f))
	if err != nil {
		return short(err), false
	}
	if from == to && len(others) == 0 {
		return alreadyThere, false
	}
	_, err = d.lambda.UpdateAlias(ctx, &lambda.UpdateAliasInput{
		FunctionName: aws.String(d.name(f)), Name: aws.String(topology.Alias), FunctionVersion: &to,
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{}}, // a canary's part, too
	})
	if err != nil {
		return short(err), false
	}
	return from + " → " + to, true
}
