// Check holds the synthesized templates against the rules of infra/rules; with
// -deployed STAGE it compares them with the templates that are deployed: it says what
// CloudFormation would refuse, and what would be lost. With -cost it prints what they
// cost in a month in which nobody uses them. It deploys nothing.
//
//	go run ./infra/check cdk.out
//	go run ./infra/check -deployed dev cdk.out
//	go run ./infra/check -cost cdk.out
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"infocig/infra/cost"
	"infocig/infra/rules"
)

func main() {
	deployed := flag.String("deployed", "", "compare with what is deployed of this `stage`, with the AWS credentials of the environment, instead")
	price := flag.Bool("cost", false, "print what a month costs in which nobody uses it, instead")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./infra/check [-deployed STAGE | -cost] CDK_OUT")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), flag.Arg(0), *deployed, *price); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, stage string, price bool) error {
	next, err := rules.Read(dir)
	if err != nil {
		return fmt.Errorf("%w: run make synth", err)
	}
	switch {
	case price:
		b, err := cost.Of(next)
		if err != nil {
			return err
		}
		b.Print(os.Stdout)
		return nil
	case stage == "":
		if broken := rules.Check(next); len(broken) > 0 {
			return fmt.Errorf("%d breaches of what AWS documents:\n  %s", len(broken), strings.Join(broken, "\n  "))
		}
		fmt.Printf("rules: %d templates, %d rules, no finding\n", len(next), len(rules.Rules))
		return nil
	}
	for name := range next {
		if !strings.HasPrefix(name, "infocig-"+stage+"-") {
			return fmt.Errorf("%s has %s, which is no stack of stage %s: run make synth STAGE=%s", dir, name, stage, stage)
		}
	}
	now, err := templates(ctx, next)
	if err != nil {
		return err
	}
	if lost := rules.Change(now, next); len(lost) > 0 {
		return fmt.Errorf("the deployment of %s would be refused, or lose something:\n  %s", stage, strings.Join(lost, "\n  "))
	}
	fmt.Printf("change: %d stacks of %s are deployed, nothing is refused or lost\n", len(now), stage)
	return nil
}

// templates returns those that are deployed of the stacks in next.
func templates(ctx context.Context, next rules.Assembly) (rules.Assembly, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	all := rules.Assembly{}
	for name, s := range next {
		client := cloudformation.NewFromConfig(cfg, func(o *cloudformation.Options) { o.Region = s.Region })
		out, err := client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &name})
		var none smithy.APIError
		if errors.As(err, &none) && none.ErrorCode() == "ValidationError" && strings.Contains(none.ErrorMessage(), "does not exist") {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.Template = rules.Template{}
		if err := json.Unmarshal([]byte(*out.TemplateBody), &s.Template); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = s
	}
	return all, nil
}
