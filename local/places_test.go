package main

import "testing"

// TestTheSameStoryEverywhere tells the stories of a chat and of an escalation
// wherever functions, store and queue can be.
func TestTheSameStoryEverywhere(t *testing.T) {
	for name, o := range map[string]options{
		"functions here, DynamoDB":        {dynamodb: dynoxide},
		"functions here, SQS":             {sqs: moto},
		"real binaries, DynamoDB and SQS": {functions: bootstrap, dynamodb: dynoxide, sqs: moto},
	} {
		t.Run(name, func(t *testing.T) {
			o.clock = opening
			s, _ := serve(t, o)
			chatStory(t, s, 7)
			escalationStory(t, s)
		})
	}
}
