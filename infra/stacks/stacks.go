// Package stacks has the CDK stacks, one in each file. What is in them follows
// from the topology and from the owner's values.
package stacks

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/owner"
	"infocig/infra/topology"
	"infocig/shared/aws/metrics"
)

// Props say what to build.
type Props struct {
	Stage     owner.Stage
	Owner     owner.Values
	Functions string // the folder with NAME/bootstrap of every function
	Release   string // what is deployed, in the description of every version of a function
	AtOnce    bool   // new versions get all calls at once, without a canary
}

// production reports whether people's data are at stake.
func (p Props) production() bool { return p.Stage == owner.Prod }

// reserved reports whether functions have a concurrency of their own.
func (p Props) reserved() bool { return p.Owner.Concurrency == owner.Reserved }

// detailed reports whether each route has numbers of its own.
func (p Props) detailed() bool { return p.Owner.DetailedMetrics == "on" }

// accessMetrics is the namespace of what is counted in access logs: a filter of a log
// has no dimension that it does not find there.
func (p Props) accessMetrics() string { return metrics.Namespace + "/" + string(p.Stage) }

// name returns what something of this installation is called in AWS.
func (p Props) name(what string) string { return fmt.Sprintf("infocig-%s-%s", p.Stage, what) }

// Stacks are all of them.
type Stacks struct {
	Data      *Data
	Messaging *Messaging
	Release   *Release
	Socket    *Socket
	HTTP      *HTTP
	Jobs      *Jobs
	Global    *Global
	Web       *Web
	Edge      *Edge
	Ops       *Ops
}

// Built returns the whole path of a folder, or an error unless all functions are built there.
func Built(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for _, f := range topology.Functions {
		if _, err := os.Stat(filepath.Join(folder, string(f), "bootstrap")); err != nil {
			return "", fmt.Errorf("the functions are not built: run make functions (%w)", err)
		}
	}
	return folder, nil
}

// Build adds every stack to app.
func Build(app awscdk.App, p Props) *Stacks {
	s := &Stacks{}
	s.Data = newData(app, p)
	s.Messaging = newMessaging(app, p, s.Data)
	s.Release = newRelease(app, p, s.Data)
	s.Socket = newSocket(app, p, s.Data, s.Messaging)
	s.Socket.Stack.AddDependency(s.Release.Stack, nil)
	s.HTTP = newHTTP(app, p, s.Data, s.Messaging, s.Socket)
	s.Jobs = newJobs(app, p, s.Data, s.Messaging, s.Socket)
	s.Global = newGlobal(app, p)
	s.Web = newWeb(app, p, s.Socket, s.HTTP, s.Global)
	s.Edge = newEdge(app, p, s.Web)
	s.Ops = newOps(app, p, s)
	return s
}

// All lists them in the order in which they are deployed.
func (s *Stacks) All() []awscdk.Stack {
	return []awscdk.Stack{
		s.Data.Stack, s.Messaging.Stack, s.Release.Stack, s.Socket.Stack, s.HTTP.Stack, s.Jobs.Stack, s.Global.Stack, s.Web.Stack, s.Edge.Stack, s.Ops.Stack,
	}
}

// newStack makes the stack of that name, in the owner's region or another.
func newStack(app constructs.Construct, p Props, name, region, description string) awscdk.Stack {
	st := awscdk.NewStack(app, jsii.String(p.name(name)), &awscdk.StackProps{
		Env:                   &awscdk.Environment{Account: &p.Owner.Account, Region: &region},
		Description:           jsii.String("INFO CIG " + string(p.Stage) + ": " + description),
		TerminationProtection: jsii.Bool(p.production()),
	})
	awscdk.Tags_Of(st).Add(jsii.String("service"), jsii.String("infocig"), nil)
	awscdk.Tags_Of(st).Add(jsii.String("stage"), jsii.String(string(p.Stage)), nil)
	return st
}

// output makes an output with a name that pipelines can rely on.
func output(st awscdk.Stack, name string, value *string) {
	awscdk.NewCfnOutput(st, jsii.String(name), &awscdk.CfnOutputProps{Value: value}).OverrideLogicalId(jsii.String(name))
}

// removal is what becomes of data whose stack is deleted. A first deployment that
// fails takes along what it has made, so that the second one finds no name taken.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
func (p Props) removal() awscdk.RemovalPolicy {
	if p.production() {
		return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	return awscdk.RemovalPolicy_DESTROY
}

// acknowledge records a finding of cdk-nag that was looked at, with the reason
// why it stands; tools/nag.mjs reads it from the metadata. It writes what
// Validations.Acknowledge writes, because that refuses an id with two "::" in it.
func acknowledge(c constructs.IConstruct, id, reason string) {
	c.Node().AddMetadata(awscdk.Validations_ACKNOWLEDGED_RULES_METADATA_KEY(), map[string]any{id: reason}, nil)
}
