package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"

	"infocig/local/lambda"
	"infocig/shared/app/env"
	"infocig/shared/app/wiring/wiringtest"
)

// starts builds all functions for this machine, into dir, starts them in turn, so
// often, and notes the median of each in its row.
func starts(ctx context.Context, root, dir string, all report, often int) error {
	if err := build(ctx, lambda.Build, root, dir, all); err != nil {
		return err
	}
	aws, err := serveNothing()
	if err != nil {
		return err
	}
	defer func() { _ = aws.Close() }()

	samples := make([][]sample, len(all))
	for round := range often + 1 {
		for i, r := range all {
			s, err := measure(ctx, lambda.Binary(dir, r.function), environment(r.function, aws.Addr))
			if err != nil {
				return err
			}
			if round > 0 { // the first reads the file
				samples[i] = append(samples[i], s)
			}
		}
	}
	for i := range all {
		all[i].sample = median(samples[i])
	}
	return nil
}

// build builds the functions of a report by how, the bare one from where it is.
func build(ctx context.Context, how func(ctx context.Context, root, outDir string, functions []string) error, root, dir string, all report) error {
	if err := how(ctx, filepath.Join(root, "local/cold/testdata"), dir, []string{bare}); err != nil {
		return err
	}
	var names []string
	for _, r := range all[1:] {
		names = append(names, r.function)
	}
	return how(ctx, root, dir, names)
}

// serveNothing starts a server that stands for DynamoDB and SQS, and has nothing; as a proxy
// it refuses. The caller closes it.
func serveNothing() (*http.Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &http.Server{
		Addr: listener.Addr().String(), ReadHeaderTimeout: patience,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodConnect || r.URL.IsAbs() { // for a server elsewhere
				w.WriteHeader(http.StatusForbidden)
				return
			}
			fmt.Fprint(w, "{}")
		}),
	}
	go func() { _ = s.Serve(listener) }()
	return s, nil
}

// environment returns the variables that a function has in the cloud, and those that keep it
// from asking AWS, or anybody else: what goes elsewhere goes to a proxy that refuses at once,
// so that no name is looked up.
func environment(function, aws string) []string {
	vars := []string{
		"AWS_LAMBDA_FUNCTION_NAME=" + function, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_REGION=eu-south-1", "AWS_DEFAULT_REGION=eu-south-1", "AWS_ACCESS_KEY_ID=cold", "AWS_SECRET_ACCESS_KEY=cold", "AWS_SESSION_TOKEN=cold",
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin", "TZ=:UTC", "_HANDLER=bootstrap",
		"AWS_ENDPOINT_URL_DYNAMODB=http://" + aws, "AWS_ENDPOINT_URL_SQS=http://" + aws,
		"HTTP_PROXY=http://" + aws, "HTTPS_PROXY=http://" + aws,
	}
	for _, name := range env.Sets[function] {
		value, _ := wiringtest.Lookup(string(name))
		vars = append(vars, string(name)+"="+value)
	}
	return vars
}
