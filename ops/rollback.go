package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// alias is what everything calls functions by.
const alias = "live"

type rollbackCommand struct {
	Stage    string `required:"" placeholder:"NAME" help:"Of the installation, as dev or prod."`
	Endpoint string `placeholder:"URL" help:"Of a Lambda server that is not AWS's."`
}

// Run moves every function of a stage to the version before the one that is
// live, at once. The next deployment moves it on again.
func (c rollbackCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := awsConfig(ctx, c.Endpoint)
	if err != nil {
		return err
	}
	client := lambda.NewFromConfig(cfg, func(o *lambda.Options) { o.BaseEndpoint = orNil(c.Endpoint) })
	folders, err := os.ReadDir("functions")
	if err != nil {
		return fmt.Errorf("run it in the folder of the project: %w", err)
	}
	moved := map[string]string{}
	var met error
	for _, f := range folders {
		name := fmt.Sprintf("infocig-%s-%s", c.Stage, f.Name())
		from, to, err := back(ctx, client, name)
		if err != nil {
			met = errors.Join(met, fmt.Errorf("%s: %w", name, err))
			continue
		}
		moved[f.Name()] = from + " → " + to
	}
	return errors.Join(t.print(moved), met)
}

// back moves a function to the newest version that is older than the live one.
func back(ctx context.Context, client *lambda.Client, name string) (from, to string, err error) {
	live, err := client.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &name, Name: ptr(alias)})
	if err != nil {
		return "", "", err
	}
	now, err := strconv.Atoi(*live.FunctionVersion)
	if err != nil {
		return "", "", fmt.Errorf("the live version is %s, no number", *live.FunctionVersion)
	}
	var older []int
	pages := lambda.NewListVersionsByFunctionPaginator(client, &lambda.ListVersionsByFunctionInput{FunctionName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", "", err
		}
		for _, v := range page.Versions {
			if n, err := strconv.Atoi(*v.Version); err == nil && n < now {
				older = append(older, n)
			}
		}
	}
	if len(older) == 0 {
		return "", "", fmt.Errorf("version %d is live, and there is none before it", now)
	}
	to = strconv.Itoa(slices.Max(older))
	_, err = client.UpdateAlias(ctx, &lambda.UpdateAliasInput{FunctionName: &name, Name: ptr(alias), FunctionVersion: &to})
	return *live.FunctionVersion, to, err
}

func ptr[T any](v T) *T { return &v }
