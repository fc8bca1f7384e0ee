package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/owner"
	"infocig/shared/app/env"
)

// Data is what must not be lost: the table, the secrets, and the key of both.
type Data struct {
	Stack   awscdk.Stack
	Key     awskms.Key
	Table   awsdynamodb.ITable
	Secrets map[env.Name]awssecretsmanager.ISecret
}

// Warm throughput of the table: what the opening bell asks for in a second, so
// that DynamoDB has the partitions before the people come. A new table on demand
// takes 4,000 writes and 12,000 reads; this is twice that.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
const (
	warmWrites = 8000
	warmReads  = 24000
)

func newData(app constructs.Construct, p Props) *Data {
	st := newStack(app, p, "data", p.Owner.Region, "table, secrets and their key")
	d := &Data{Stack: st, Key: newKey(st, p), Secrets: map[env.Name]awssecretsmanager.ISecret{}}
	d.Table = d.table(p)
	// Who was erased must be known when a backup of the table is restored: so
	// this is another table. Operators' commands write it, no function does.
	ledger := newTable(st, p, d.Key, "Ledger", p.name("table")+"-ledger", nil)
	output(st, "LedgerName", ledger.TableName())
	d.backUp(p)
	for _, name := range env.Secrets {
		d.Secrets[name] = d.secret(p, name)
	}
	output(st, "TableName", d.Table.TableName())
	return d
}

// table makes the table, and returns it or the one that a backup was restored to.
// What was there before stays in the stack (docs/runbooks/restore.md): a table that
// goes from a template is deleted, in dev at once.
func (d *Data) table(p Props) awsdynamodb.ITable {
	made := newTable(d.Stack, p, d.Key, "Table", p.name("table"),
		&awsdynamodb.WarmThroughput{ReadUnitsPerSecond: jsii.Number(warmReads), WriteUnitsPerSecond: jsii.Number(warmWrites)})
	if p.Owner.RestoredTable != "" {
		return awsdynamodb.Table_FromTableName(d.Stack, jsii.String("RestoredTable"), &p.Owner.RestoredTable)
	}
	return made
}

func newTable(st awscdk.Stack, p Props, key awskms.IKey, id, name string, warm *awsdynamodb.WarmThroughput) awsdynamodb.Table {
	return awsdynamodb.NewTable(st, &id, &awsdynamodb.TableProps{
		TableName:                        &name,
		PartitionKey:                     stringKey("pk"),
		SortKey:                          stringKey("sk"),
		BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
		WarmThroughput:                   warm,
		TimeToLiveAttribute:              jsii.String("expires"),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		Encryption:                       awsdynamodb.TableEncryption_CUSTOMER_MANAGED,
		EncryptionKey:                    key,
		DeletionProtection:               jsii.Bool(p.production()),
		RemovalPolicy:                    p.removal(),
	})
}

func stringKey(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: &name, Type: awsdynamodb.AttributeType_STRING}
}

// newKey makes the key of everything that is stored. Whoever may use the table,
// the queues, the secrets or the alarms' topic may have them decrypt with it, but
// nobody can use it otherwise: so no role needs an action of KMS.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
func newKey(st awscdk.Stack, p Props) awskms.Key {
	key := awskms.NewKey(st, jsii.String("Key"), &awskms.KeyProps{
		Alias:             jsii.String("alias/" + p.name("data")),
		Description:       jsii.String("INFO CIG: everything that is stored"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     p.removal(),
	})
	use := jsii.Strings("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
	service := func(name string) *string { return jsii.String(name + "." + p.Owner.Region + ".amazonaws.com") }
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("ThroughServices"), Actions: use, Resources: jsii.Strings("*"), Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Conditions: &map[string]any{"StringEquals": map[string]any{
			"kms:CallerAccount": p.Owner.Account,
			"kms:ViaService":    []*string{service("dynamodb"), service("sqs"), service("secretsmanager"), service("backup")},
		}},
	}), nil)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Grants"), Actions: jsii.Strings("kms:CreateGrant"), Resources: jsii.Strings("*"), Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"kms:CallerAccount": p.Owner.Account, "kms:ViaService": []*string{service("dynamodb"), service("backup")}},
			"Bool":         map[string]any{"kms:GrantIsForAWSResource": true},
		},
	}), nil)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Alarms"), Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"), Resources: jsii.Strings("*"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": p.Owner.Account}},
	}), nil)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Logs"), Actions: use, Resources: jsii.Strings("*"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(service("logs"), nil)},
		Conditions: &map[string]any{"ArnLike": map[string]any{
			"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:" + p.Owner.Region + ":" + p.Owner.Account + ":log-group:*",
		}},
	}), nil)
	return key
}

// secret makes or finds the secret of a variable. Nobody knows the values of
// those that are made: they are random.
func (d *Data) secret(p Props, name env.Name) awssecretsmanager.ISecret {
	id := "Secret" + strings.ReplaceAll(string(name), "_", "")
	switch own := map[env.Name]string{env.LineaToken: p.Owner.Linea.TokenSecret, env.LineaSecret: p.Owner.Linea.SigningSecret}[name]; own {
	case "", owner.Generate:
	default:
		return awssecretsmanager.Secret_FromSecretCompleteArn(d.Stack, &id, &own)
	}
	random := &awssecretsmanager.SecretStringGenerator{PasswordLength: jsii.Number(48), ExcludePunctuation: jsii.Bool(true)}
	if name == env.FiscalKey { // 64 hexadecimal digits
		random = &awssecretsmanager.SecretStringGenerator{
			PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true), ExcludeUppercase: jsii.Bool(true),
			ExcludeCharacters: jsii.String("ghijklmnopqrstuvwxyz"), RequireEachIncludedType: jsii.Bool(false),
		}
	}
	s := awssecretsmanager.NewSecret(d.Stack, &id, &awssecretsmanager.SecretProps{
		SecretName:           jsii.String(p.name(strings.ToLower(strings.ReplaceAll(string(name), "_", "-")))),
		Description:          jsii.String("INFO CIG: " + string(name)),
		EncryptionKey:        d.Key,
		GenerateSecretString: random,
		RemovalPolicy:        p.removal(),
	})
	reason := "what was written with it can be read with it only: it never changes"
	if name == env.LineaToken || name == env.LineaSecret {
		reason = "two parties have to change it together: docs/runbooks/linea-secret.md"
	}
	acknowledge(s, "AwsSolutions-SMG4", reason)
	return s
}
