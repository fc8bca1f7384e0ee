package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Release is what helps a deployment: the hook that calls each new version before
// people's calls go to it.
type Release struct {
	Stack     awscdk.Stack
	Functions map[topology.Function]function
}

func newRelease(app constructs.Construct, p Props, d *Data) *Release {
	st := newStack(app, p, "release", p.Owner.Region, "what calls new versions of functions before people do")
	w := newWorkshop(st, p, d, nil)
	f := w.make(topology.Rehearse)
	arn := func(service, what string) string {
		return "arn:aws:" + service + ":" + p.Owner.Region + ":" + p.Owner.Account + ":" + what
	}
	resources := map[string]string{
		"codedeploy": arn("codedeploy", "deploymentgroup:*/"+p.name("*")),
		"lambda":     arn("lambda", "function:"+p.name("*")),
	}
	for _, service := range slices.Sorted(maps.Keys(resources)) { // always the same template
		resource := resources[service]
		f.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(topology.RehearseActions[service]...), Resources: &[]*string{&resource},
		}))
		acknowledge(f.Function.Role(), "AwsSolutions-IAM5[Resource::"+resource+"]", "the functions of this stage, and the deployments of their groups: which versions there will be is not known")
	}
	return &Release{Stack: st, Functions: map[topology.Function]function{topology.Rehearse: f}}
}

// hook is what calls each new version of a function, nil where new versions get all
// calls at once: the owner means to get past whatever is in the way.
func (w workshop) hook(id string) awslambda.IFunction {
	if w.props.AtOnce {
		return nil
	}
	return awslambda.Function_FromFunctionName(w.stack, jsii.String(id+"Rehearsal"), jsii.String(w.props.name(string(topology.Rehearse))))
}
