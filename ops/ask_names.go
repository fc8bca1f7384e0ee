package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"infocig/infra/owner"
	"infocig/infra/topology"
	"infocig/shared/app/env"
)

// An inventory is what of a stage is in an account.
type inventory struct {
	stacks map[string]types.StackStatus
	owned  []string // physical ids of what the stacks have
}

// takeStock reads the stacks of the stage, and what they have.
func (p *preflight) takeStock(ctx context.Context) (inventory, error) {
	found := inventory{stacks: map[string]types.StackStatus{}}
	for _, region := range slices.Compact([]string{p.values.Region, global}) {
		client := cloudformation.NewFromConfig(p.in(region))
		stacks := cloudformation.NewDescribeStacksPaginator(client, &cloudformation.DescribeStacksInput{})
		for stacks.HasMorePages() {
			page, err := stacks.NextPage(ctx)
			if err != nil {
				return found, err
			}
			for _, s := range page.Stacks {
				name := aws.ToString(s.StackName)
				if !strings.HasPrefix(name, p.name("")) {
					continue
				}
				found.stacks[name] = s.StackStatus
				owned, err := resources(ctx, client, name)
				if err != nil {
					return found, err
				}
				found.owned = append(found.owned, owned...)
			}
		}
	}
	return found, nil
}

// resources returns the physical ids of what a stack has.
func resources(ctx context.Context, client *cloudformation.Client, stack string) (ids []string, err error) {
	pages := cloudformation.NewListStackResourcesPaginator(client, &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus != types.ResourceStatusDeleteComplete {
				ids = append(ids, plain(aws.ToString(r.PhysicalResourceId)))
			}
		}
	}
	return ids, nil
}

// state asks whether a deployment can begin with the stacks as they are.
func (p *preflight) state(ctx context.Context) finding {
	found, err := p.stacks(ctx)
	if err != nil {
		return cannot(err, "cloudformation:DescribeStacks, cloudformation:ListStackResources")
	}
	var wrong, todo []string
	for name, status := range found.stacks {
		var do string
		switch s := string(status); {
		case s == "ROLLBACK_COMPLETE" || s == "ROLLBACK_FAILED" || s == "CREATE_FAILED" || s == "DELETE_FAILED":
			do = "aws cloudformation delete-stack --stack-name " + name + ": its first deployment failed (describe-stack-events says why)"
			if p.stage == owner.Prod {
				do = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name " + name + "\n" + do
			}
		case s == "UPDATE_ROLLBACK_FAILED":
			do = "aws cloudformation continue-update-rollback --stack-name " + name
		case s == "REVIEW_IN_PROGRESS":
			do = "aws cloudformation delete-stack --stack-name " + name + ": a change set was made and never carried out"
		case strings.HasSuffix(s, "_IN_PROGRESS"):
			do = "wait: a deployment of " + name + " is under way"
		default:
			continue
		}
		wrong, todo = append(wrong, fmt.Sprintf("%s: %s", name, status)), append(todo, do)
	}
	slices.Sort(wrong)
	slices.Sort(todo)
	if wrong != nil {
		return finding{failed, strings.Join(wrong, "; "), strings.Join(todo, "\n")}
	}
	return ok("%d of the stage are there", len(found.stacks))
}

// A kind is a sort of things with names of their own. What is there and in no stack of ours
// makes a deployment fail with "already exists": a first one that failed leaves it, since
// production keeps its data, and Lambda makes the log of a function that runs without one.
type kind struct {
	what   string
	region string
	right  string
	names  []string
	see    func(ctx context.Context, name string) (id, note string, err error) // of what is there; "" for nothing
	todo   func(name string) string
}

// kinds are those of all that the stacks give names to and that is there once for a region.
func (p *preflight) kinds() []kind {
	here := p.values.Region
	region := " --region " + here
	return []kind{
		{"log groups", here, "logs:DescribeLogGroups", p.logGroups(), p.logGroup, func(name string) string {
			return "aws logs delete-log-group --log-group-name " + name + region
		}},
		{"tables", here, "dynamodb:DescribeTable", p.tables(), p.dynamoTable, func(name string) string {
			return "if nothing in it is needed: aws dynamodb update-table --no-deletion-protection-enabled --table-name " + name + region + " && aws dynamodb delete-table --table-name " + name + region
		}},
		{"queues", here, "sqs:GetQueueUrl", []string{p.name(topology.Queue), p.name(topology.DeadLetter)}, p.queue, func(name string) string {
			return "aws sqs delete-queue --queue-url $(aws sqs get-queue-url --output text --queue-name " + name + region + ")" + region + ", then wait a minute"
		}},
		{"secrets", here, "secretsmanager:DescribeSecret", p.secrets(), p.stackSecret, func(name string) string {
			return "if nothing was stored with it: aws secretsmanager restore-secret --secret-id " + name + region + " && aws secretsmanager delete-secret --force-delete-without-recovery --secret-id " + name + region
		}},
		{"the key", here, "kms:DescribeKey", []string{"alias/" + p.name("data")}, p.key, func(name string) string {
			return "aws kms delete-alias --alias-name " + name + region + " (the key stays, for what is encrypted with it)"
		}},
		{"the vault of backups", here, "backup:ListBackupVaults", []string{p.name("vault")}, p.vault, func(name string) string {
			return "if nothing in it is needed: aws backup delete-backup-vault --backup-vault-name " + name + region
		}},
		p.topics("the alarms' topic", here),
		p.topics("the topic in "+global, global),
		{"functions", here, "lambda:GetFunctionConfiguration", p.functions(), p.function, func(name string) string {
			return "aws lambda delete-function --function-name " + name + region
		}},
	}
}

// taken asks whether names are taken by what no stack of ours has.
func (p *preflight) taken(ctx context.Context, k kind) finding {
	found, err := p.stacks(ctx)
	if err != nil {
		return cannot(err, "cloudformation:DescribeStacks, cloudformation:ListStackResources")
	}
	var left, todo []string
	for _, name := range k.names {
		id, note, err := k.see(ctx, name)
		if err != nil {
			return cannot(err, k.right)
		}
		if id == "" || slices.Contains(found.owned, plain(id)) {
			continue
		}
		left, todo = append(left, name+note), append(todo, k.todo(name))
	}
	if left != nil {
		return finding{failed, "there, and in no stack of ours: " + strings.Join(left, ", "), strings.Join(todo, "\n")}
	}
	return ok("%d, none taken by others", len(k.names))
}

// plain is a physical id without the host that a queue's has: SQS has several.
func plain(id string) string {
	if u, err := url.Parse(id); err == nil && u.Host != "" {
		return u.Path
	}
	return id
}

// missing reports whether an error says that there is no such thing.
func missing(err error) bool {
	refused, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.ContainsFunc([]string{"ResourceNotFound", "NotFoundException", "NotFound", "NonExistentQueue", "QueueDoesNotExist"}, func(s string) bool { return strings.Contains(refused.ErrorCode(), s) })
}

// there returns the id of what was asked for, "" if the error says that it is not there.
func there(id string, err error) (string, string, error) {
	if missing(err) {
		return "", "", nil
	}
	return id, "", err
}

func (p *preflight) functions() (names []string) {
	for _, f := range topology.Functions {
		names = append(names, p.name(string(f)))
	}
	return names
}

func (p *preflight) function(ctx context.Context, name string) (string, string, error) {
	_, err := lambda.NewFromConfig(p.cfg).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	return there(name, err)
}

func (p *preflight) logGroups() []string {
	names := []string{"/aws/apigateway/" + p.name("socket"), "/aws/apigateway/" + p.name("http")}
	for _, f := range p.functions() {
		names = append(names, "/aws/lambda/"+f)
	}
	return names
}

func (p *preflight) logGroup(ctx context.Context, name string) (string, string, error) {
	out, err := cloudwatchlogs.NewFromConfig(p.cfg).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil {
		return "", "", err
	}
	for _, g := range out.LogGroups { // in the order of their names: the one that is nothing but the prefix is the first
		if aws.ToString(g.LogGroupName) == name {
			return name, "", nil
		}
	}
	return "", "", nil
}

func (p *preflight) tables() []string {
	return []string{p.name("table"), p.name("table") + ledgerSuffix}
}

func (p *preflight) dynamoTable(ctx context.Context, name string) (string, string, error) {
	_, err := dynamodb.NewFromConfig(p.cfg).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	return there(name, err)
}

func (p *preflight) queue(ctx context.Context, name string) (string, string, error) {
	out, err := sqs.NewFromConfig(p.cfg).GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return there("", err)
	}
	return aws.ToString(out.QueueUrl), "", nil
}

// secrets are those that the stack makes.
func (p *preflight) secrets() (names []string) {
	brought := map[env.Name]string{env.LineaToken: p.values.Linea.TokenSecret, env.LineaSecret: p.values.Linea.SigningSecret}
	for _, s := range env.Secrets {
		if own := brought[s]; own == "" || own == owner.Generate {
			names = append(names, p.name(secretName(s)))
		}
	}
	return names
}

func (p *preflight) stackSecret(ctx context.Context, name string) (string, string, error) {
	out, err := secretsmanager.NewFromConfig(p.cfg).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil {
		return there("", err)
	}
	note := ""
	if out.DeletedDate != nil {
		note = " (scheduled for deletion)"
	}
	return aws.ToString(out.ARN), note, nil
}

func (p *preflight) key(ctx context.Context, name string) (string, string, error) {
	_, err := kms.NewFromConfig(p.cfg).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
	return there(name, err)
}

// vault asks for all of them: AWS Backup refuses to say that there is none of a name.
func (p *preflight) vault(ctx context.Context, name string) (string, string, error) {
	var out struct {
		Vaults []struct {
			Name string `json:"BackupVaultName"`
		} `json:"BackupVaultList"`
	}
	if err := p.rest(ctx, p.values.Region, "backup", http.MethodGet, "/backup-vaults/?maxResults=1000", nil, &out); err != nil {
		return "", "", err
	}
	for _, v := range out.Vaults {
		if v.Name == name {
			return name, "", nil
		}
	}
	return "", "", nil
}

// topics are the topic of alarms in a region.
func (p *preflight) topics(what, region string) kind {
	arn := fmt.Sprintf("arn:aws:sns:%s:%s:%s", region, p.values.Account, p.name("alarms"))
	return kind{
		what, region, "sns:GetTopicAttributes", []string{p.name("alarms")},
		func(ctx context.Context, _ string) (string, string, error) {
			_, err := sns.NewFromConfig(p.in(region)).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
			return there(arn, err)
		},
		func(string) string { return "aws sns delete-topic --topic-arn " + arn + " --region " + region },
	}
}
