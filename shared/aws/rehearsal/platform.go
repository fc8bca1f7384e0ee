package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"infocig/shared/aws/awsjson"
)

// AWS is the Platform.
type AWS struct {
	config     aws.Config
	codeDeploy string
	client     *lambda.Client
}

var _ Platform = AWS{}

// New returns the platform of a region. The addresses are of other servers than AWS's,
// "" for AWS's.
func New(cfg aws.Config, codeDeploy, lambdas string) AWS {
	if codeDeploy == "" {
		codeDeploy = "https://codedeploy." + cfg.Region + ".amazonaws.com"
	}
	return AWS{cfg, codeDeploy, lambda.NewFromConfig(cfg, func(o *lambda.Options) {
		if lambdas != "" {
			o.BaseEndpoint = &lambdas
		}
	})}
}

func (a AWS) ask(ctx context.Context, action string, body any) ([]byte, error) {
	raw, err := awsjson.Do(ctx, a.config, awsjson.Request{
		Service: "codedeploy", Region: a.config.Region, URL: a.codeDeploy, Version: "1.1", Target: "CodeDeploy_20141006." + action, Body: body,
	})
	if err != nil {
		return nil, fmt.Errorf("codedeploy %s: %w", action, err)
	}
	return raw, nil
}

// Group implements Platform.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
func (a AWS) Group(ctx context.Context, deployment string) (string, error) {
	raw, err := a.ask(ctx, "GetDeployment", map[string]string{"deploymentId": deployment})
	if err != nil {
		return "", err
	}
	var v struct {
		Info struct {
			Group string `json:"deploymentGroupName"`
		} `json:"deploymentInfo"`
	}
	if err := json.Unmarshal(raw, &v); err != nil || v.Info.Group == "" {
		return "", errors.New("codedeploy GetDeployment: the deployment has no group")
	}
	return v.Info.Group, nil
}

// Report implements Platform.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html
func (a AWS) Report(ctx context.Context, e Event, well bool) error {
	status := "Failed"
	if well {
		status = "Succeeded"
	}
	_, err := a.ask(ctx, "PutLifecycleEventHookExecutionStatus", map[string]string{
		"deploymentId": e.DeploymentID, "lifecycleEventHookExecutionId": e.HookID, "status": status,
	})
	return err
}

// Newest implements Platform.
func (a AWS) Newest(ctx context.Context, function string) (string, error) {
	newest := 0
	pages := lambda.NewListVersionsByFunctionPaginator(a.client, &lambda.ListVersionsByFunctionInput{FunctionName: &function})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("versions: %w", err)
		}
		for _, v := range page.Versions {
			if n, err := strconv.Atoi(aws.ToString(v.Version)); err == nil { // the other one is $LATEST
				newest = max(newest, n)
			}
		}
	}
	if newest == 0 {
		return "", fmt.Errorf("%s has no version", function)
	}
	return strconv.Itoa(newest), nil
}

// Invoke implements Platform.
func (a AWS) Invoke(ctx context.Context, function, version string, payload []byte) ([]byte, error) {
	out, err := a.client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Qualifier: &version, Payload: payload})
	if err != nil {
		return nil, err
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("it failed (%s); its log says why", *out.FunctionError)
	}
	return out.Payload, nil
}
