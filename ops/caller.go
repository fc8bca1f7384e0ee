package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"infocig/infra/owner"
	"infocig/shared/chat/conversation"
	"infocig/shared/identity"
)

// A caller is whose credentials a command has.
type caller struct{ account, arn string }

// name is the last part of the ARN: a user, or the session of a role.
func (c caller) name() string { return c.arn[strings.LastIndexAny(c.arn, "/:")+1:] }

// asked keeps who the caller is for the time of one command: its context has it.
type asked struct {
	mu    sync.Mutex
	known caller
}

type askedKey struct{}

// remembering is a context in which AWS is asked only once who the caller is.
func remembering(ctx context.Context) context.Context {
	return context.WithValue(ctx, askedKey{}, &asked{})
}

// callerOf asks AWS whose the credentials are: in the region of the stage, and then in us-east-1, because an account that has not
// opted in to a region has no credentials there.
func callerOf(ctx context.Context, cfg aws.Config) (caller, error) {
	a, ok := ctx.Value(askedKey{}).(*asked)
	if !ok {
		a = &asked{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known.account != "" {
		return a.known, nil
	}
	if err := credentialed(ctx, cfg); err != nil {
		return caller{}, err
	}
	var met error
	for _, region := range []string{cfg.Region, global} {
		in := cfg.Copy()
		in.Region = region
		out, err := sts.NewFromConfig(in).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err == nil {
			a.known = caller{aws.ToString(out.Account), aws.ToString(out.Arn)}
			return a.known, nil
		}
		met = err
	}
	return caller{}, met
}

// errNoCredentials is the error of a command to which nobody has given credentials.
var errNoCredentials = errors.New("there are no credentials")

// credentialed reports whether there are credentials at all.
func credentialed(ctx context.Context, cfg aws.Config) error {
	if cfg.Credentials == nil {
		return errNoCredentials
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("%w (%s)", errNoCredentials, cause(err))
	}
	return nil
}

// cause is the first that the SDK's chain of providers says, without how it was met.
func cause(err error) string {
	said := strings.TrimPrefix(err.Error(), "failed to refresh cached credentials, ")
	said, _, _ = strings.Cut(said, ", operation error")
	said, _, _ = strings.Cut(said, "\n")
	return said
}

// giveCredentials is what to do where there are none.
const giveCredentials = "give credentials (AWS_PROFILE, or aws configure sso), and see whether this machine reaches AWS"

// credentials asks whether the credentials are of the owner's account.
func (i installation) credentials(ctx context.Context) finding {
	who, err := callerOf(ctx, i.cfg)
	refused, is := errors.AsType[smithy.APIError](err)
	switch {
	case is:
		return finding{failed, short(refused), "give credentials that AWS takes: aws sts get-caller-identity shows whose they are"}
	case errors.Is(err, errNoCredentials):
		return finding{failed, err.Error(), giveCredentials}
	case err != nil:
		return finding{failed, "AWS is not reached: " + cause(err), giveCredentials}
	case who.account != i.values.Account:
		return finding{
			failed, fmt.Sprintf("these credentials are of account %s, the owner's of stage %s is %s", who.account, i.stage, i.values.Account),
			"give credentials of the owner's account, or put the account right in " + owner.File(i.stage),
		}
	}
	return ok("of account %s, %s", who.account, who.arn)
}

// staff is who gives a command, for the access log: the identity that AWS knows, and on the data of
// one machine its user.
func (p place) staff(ctx context.Context) (conversation.Caller, error) {
	if p.Data != "" || p.Stage == "" && p.Endpoint != "" { // a server that is not AWS's knows nobody
		who := "unknown"
		if u, err := user.Current(); err == nil {
			who = u.Username
		}
		return conversation.Caller{Identity: identity.Identity{ID: "ops:" + who}}, nil
	}
	t, err := p.config(ctx)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := callerOf(ctx, t)
	if err != nil {
		return conversation.Caller{}, fmt.Errorf("whose the credentials are is not known: %w", err)
	}
	return conversation.Caller{Identity: identity.Identity{ID: "ops:" + who.name()}}, nil
}

// config is how the place is reached in AWS.
func (p place) config(ctx context.Context) (aws.Config, error) {
	if p.Stage == "" {
		return awsConfig(ctx, p.Endpoint)
	}
	i, err := p.installation(ctx, p.Stage)
	return i.cfg, err
}
