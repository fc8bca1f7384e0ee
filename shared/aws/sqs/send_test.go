package sqs

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"infocig/shared/test/servers"
)

// TestSend sends to a server that is not ours.
func TestSend(t *testing.T) {
	server, err := servers.Moto(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	cfg := aws.Config{Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""), BaseEndpoint: &server.URL}
	client := sqs.NewFromConfig(cfg)
	made, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	if err := New[string](cfg, *made.QueueUrl, "escalation").Send(t.Context(), "e1"); err != nil {
		t.Fatal(err)
	}
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl})
	if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != `{"escalation":"e1"}` {
		t.Errorf("in the queue: %+v, %v", out, err)
	}
	err = New[string](cfg, server.URL+"/123456789012/nothing", "escalation").Send(t.Context(), "e1")
	if err == nil || !strings.Contains(err.Error(), "status 400") {
		t.Errorf("to a queue that is not there: %v", err)
	}
	cfg.BaseEndpoint = nil
	if err := New[string](cfg, "escalations", "escalation").Send(t.Context(), "e1"); err == nil {
		t.Error("a name is no address")
	}
}
