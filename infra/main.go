// Infra is the CDK app: it synthesizes the stacks of a stage. Run it through the
// CDK CLI, which reads cdk.json: "make synth", or
//
//	npx cdk deploy -c stage=dev --all
//
// Context: stage is dev (the default) or prod; owner is the file of the owner's values;
// deploy, if set, refuses the values that the project comes with; functions is the folder
// of the built functions; release is what is deployed; canary=off deploys at once.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/owner"
	"infocig/infra/stacks"
	"infocig/infra/topology"
)

func main() {
	defer jsii.Close()
	if err := synthesize(); err != nil {
		fmt.Fprintln(os.Stderr, "infra:", err)
		os.Exit(1) //nolint:gocritic // the child of jsii ends with its standard input
	}
}

func synthesize() error {
	app := awscdk.NewApp(nil)
	stage := owner.Stage(contextOr(app, "stage", string(owner.Dev)))
	values, err := owner.Read(stage, contextOr(app, "owner", owner.File(stage)))
	if err != nil {
		return err
	}
	if contextOr(app, "deploy", "") != "" && values.Example() {
		return fmt.Errorf("the owner's values of stage %s are the example that the project comes with: put your own into %s before you deploy", stage, owner.File(stage))
	}
	functions, err := stacks.Built(contextOr(app, "functions", "build/functions"))
	if err != nil {
		return err
	}
	stacks.Build(app, stacks.Props{
		Stage: stage, Owner: values, Functions: functions,
		Release: contextOr(app, "release", topology.NoRelease), AtOnce: contextOr(app, "canary", "on") == "off",
	})
	app.Synth(nil)
	return nil
}

// contextOr returns a value of the context, or def where there is none.
func contextOr(app awscdk.App, key, def string) string {
	if v, ok := app.Node().TryGetContext(&key).(string); ok && v != "" {
		return v
	}
	return def
}
