package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// backupDays is how long a backup is kept, here and in the other account: as long as the
// table itself can go back.
const backupDays = 35

// backUp copies the table each night to the vault of another account, if the owner has
// one: whoever deletes the table, or the account, does not reach that. The vault here is
// always made, so that an owner may change their mind.
//
// Both accounts must be of one organization, which lets AWS Backup copy between them.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
func (d *Data) backUp(p Props) {
	vault := awsbackup.NewBackupVault(d.Stack, jsii.String("Vault"), &awsbackup.BackupVaultProps{
		BackupVaultName: jsii.String(p.name("vault")), EncryptionKey: d.Key, RemovalPolicy: p.removal(),
	})
	if p.Owner.BackupVaultARN == "" {
		return
	}
	days := awscdk.Duration_Days(jsii.Number(backupDays))
	plan := awsbackup.NewBackupPlan(d.Stack, jsii.String("Backups"), &awsbackup.BackupPlanProps{BackupPlanName: jsii.String(p.name("table")), BackupVault: vault})
	plan.AddRule(awsbackup.NewBackupPlanRule(&awsbackup.BackupPlanRuleProps{
		RuleName:           jsii.String("nightly"),
		ScheduleExpression: awsevents.Schedule_Expression(jsii.String("cron(0 2 * * ? *)")), // before retention
		DeleteAfter:        days,
		CopyActions: &[]*awsbackup.BackupPlanCopyActionProps{{
			DestinationBackupVault: awsbackup.BackupVault_FromBackupVaultArn(d.Stack, jsii.String("OtherVault"), &p.Owner.BackupVaultARN), DeleteAfter: days,
		}},
	}))
	role := awsiam.NewRole(d.Stack, jsii.String("BackupRole"), &awsiam.RoleProps{
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("backup.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AWSBackupServiceRolePolicyForBackup"))},
	})
	acknowledge(role, "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
		"the role of AWS Backup, not of a function: AWS keeps its policy up to date")
	plan.AddSelection(jsii.String("Table"), &awsbackup.BackupSelectionOptions{
		Role: role, DisableDefaultBackupPolicy: jsii.Bool(true), Resources: &[]awsbackup.BackupResource{awsbackup.BackupResource_FromDynamoDbTable(d.Table)},
	})
}
