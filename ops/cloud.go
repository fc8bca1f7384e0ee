package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"infocig/infra/owner"
)

// A cloud is how a command reaches AWS.
type cloud struct {
	Endpoint string `placeholder:"URL" help:"Of servers that are not AWS's."`
	Owner    string `placeholder:"FILE" help:"The owner's values of the stage, if they are not those in infra/owner."`
}

// An installation is a stage in its account and region.
type installation struct {
	stage  owner.Stage
	values owner.Values
	cfg    aws.Config
}

// installation opens a stage: it is where the owner's values say, and the credentials are of its account.
func (c cloud) installation(ctx context.Context, stage string) (installation, error) {
	i, err := c.unproved(ctx, stage)
	if err != nil {
		return installation{}, err
	}
	if f := i.credentials(ctx); f.state != fine {
		return installation{}, fmt.Errorf("%s: %s", f.said, f.todo)
	}
	return i, nil
}

// unproved reads where a stage is from the owner's values. Only preflight, which says what is wrong with the
// credentials in its list, goes on from there without a look at whose they are.
func (c cloud) unproved(ctx context.Context, stage string) (installation, error) {
	file := c.Owner
	if file == "" {
		file = owner.File(owner.Stage(stage))
	}
	values, err := owner.Read(owner.Stage(stage), file)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%w: give the command in the folder of the project", err)
	}
	if err != nil {
		return installation{}, err
	}
	cfg, err := loadConfig(ctx, c.Endpoint)
	cfg.Region = values.Region
	return installation{owner.Stage(stage), values, cfg}, err
}

// name is what something of the installation is called in AWS.
func (i installation) name(what string) string { return fmt.Sprintf("infocig-%s-%s", i.stage, what) }

// in is the configuration for another region.
func (i installation) in(region string) aws.Config {
	cfg := i.cfg.Copy()
	cfg.Region = region
	return cfg
}

// errNotDeployed is the error of a stack that is not there.
var errNotDeployed = errors.New("not deployed")

// outputs returns what a stack gives out. It returns errNotDeployed where there is no
// such stack.
func (i installation) outputs(ctx context.Context, stack string) (map[string]string, error) {
	return i.outputsIn(ctx, i.values.Region, stack)
}

func (i installation) outputsIn(ctx context.Context, region, stack string) (map[string]string, error) {
	name := i.name(stack)
	out, err := cloudformation.NewFromConfig(i.in(region)).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if refused, ok := errors.AsType[smithy.APIError](err); ok && refused.ErrorCode() == "ValidationError" && strings.Contains(refused.ErrorMessage(), "does not exist") {
		return nil, fmt.Errorf("stack %s is not in region %s of the account of these credentials: %w", name, region, errNotDeployed)
	}
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", name, err)
	}
	all := map[string]string{}
	for _, s := range out.Stacks {
		for _, o := range s.Outputs {
			all[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
		}
	}
	return all, nil
}

// output returns one of a stack's outputs.
func (i installation) output(ctx context.Context, stack, key string) (string, error) {
	all, err := i.outputs(ctx, stack)
	if err == nil && all[key] == "" {
		err = fmt.Errorf("stack %s has no output %s: deploy it again", i.name(stack), key)
	}
	return all[key], err
}

var errNoRegion = errors.New("set AWS_REGION to the region of the deployment")

// awsConfig is that of the person who runs the command, who has credentials and a region.
func awsConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	cfg, err := loadConfig(ctx, endpoint)
	switch {
	case err != nil:
		return cfg, err
	case cfg.Region == "":
		return cfg, errNoRegion
	}
	if err := credentialed(ctx, cfg); err != nil {
		return cfg, fmt.Errorf("%w: %s", err, giveCredentials)
	}
	return cfg, nil
}

// loadConfig reads what the SDK reads. A server that is not AWS's takes any credentials.
func loadConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if endpoint != "" {
		options = append(options, config.WithRegion("eu-south-1"), config.WithBaseEndpoint(endpoint),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
	}
	return config.LoadDefaultConfig(ctx, options...)
}
