package cost

// Prices by the piece and month are the same in all regions that anybody can choose
// here. https://aws.amazon.com/kms/pricing, …/secrets-manager/pricing,
// …/cloudwatch/pricing, …/waf/pricing: list prices in US dollars, November 2026.
const (
	pricesOf = "November 2026"

	keyMonth       = 1.00
	secretMonth    = 0.40
	alarmMonth     = 0.10 // for each metric that it looks at
	dashboardMonth = 3.00 // an account's first three, of 50 metrics, are free
	metricMonth    = 0.30 // of one's own; an account's first ten are free
	aclMonth       = 5.00
	aclRuleMonth   = 1.00
)

// Prices of what is used, of us-east-1. Those of another region are its Lambda price by
// that of us-east-1 times as much.
const (
	lambdaGBSecond  = 0.0000133334 // arm64
	lambdaMillion   = 0.20
	scheduleMillion = 1.00
	readMillion     = 0.125 // DynamoDB, on demand
	traceMillion    = 5.00  // X-Ray
	logGB           = 0.50
)

// dearer is how much more a region costs than us-east-1: AWS Lambda's price of a
// gigabyte-second of arm64. Regions that are not here cost the same.
// https://aws.amazon.com/lambda/pricing
var dearer = map[string]float64{
	"af-south-1": 1.768 / 1.33334, "ap-east-1": 1.830 / 1.33334, "eu-south-1": 1.56138 / 1.33334,
	"me-south-1": 1.65334 / 1.33334, "me-central-1": 1.65334 / 1.33334,
}

// free are the types that cost nothing while nobody uses the service, and why.
var free = map[string]string{
	"AWS::ApiGateway::Account":               "a setting",
	"AWS::ApiGatewayV2::Api":                 "by request",
	"AWS::ApiGatewayV2::Authorizer":          "by request",
	"AWS::ApiGatewayV2::Integration":         "by request",
	"AWS::ApiGatewayV2::Route":               "by request",
	"AWS::ApiGatewayV2::RouteResponse":       "by request",
	"AWS::ApiGatewayV2::Stage":               "by request",
	"AWS::Backup::BackupPlan":                "by GB: $0.10 a month, and as much for the copy",
	"AWS::Backup::BackupSelection":           "by GB",
	"AWS::Backup::BackupVault":               "by GB",
	"AWS::Budgets::Budget":                   "an account's first two",
	"AWS::CloudFront::Distribution":          "by request",
	"AWS::CloudFront::Function":              "by request",
	"AWS::CloudFront::OriginAccessControl":   "a setting",
	"AWS::CloudFront::ResponseHeadersPolicy": "a setting",
	"AWS::CodeDeploy::Application":           "for Lambda",
	"AWS::CodeDeploy::DeploymentGroup":       "for Lambda",
	"AWS::DynamoDB::Table":                   "by GB: $0.25 a month, and $0.20 for recovery",
	"AWS::IAM::Policy":                       "a setting",
	"AWS::IAM::Role":                         "a setting",
	"AWS::KMS::Alias":                        "a setting",
	"AWS::Lambda::Alias":                     "a setting",
	"AWS::Lambda::EventInvokeConfig":         "a setting",
	"AWS::Lambda::EventSourceMapping":        "its polling: SQS's first million requests a month",
	"AWS::Lambda::Function":                  "by call",
	"AWS::Lambda::Permission":                "a setting",
	"AWS::Lambda::Version":                   "75 GB of code",
	"AWS::Logs::Delivery":                    "by GB",
	"AWS::Logs::DeliveryDestination":         "by GB",
	"AWS::Logs::DeliverySource":              "by GB",
	"AWS::Logs::LogGroup":                    "by GB",
	"AWS::S3::Bucket":                        "by GB",
	"AWS::S3::BucketPolicy":                  "a setting",
	"AWS::SNS::Subscription":                 "1,000 mails a month",
	"AWS::SNS::Topic":                        "by message",
	"AWS::SNS::TopicPolicy":                  "a setting",
	"AWS::SQS::Queue":                        "by message",
	"AWS::SQS::QueuePolicy":                  "a setting",
}
