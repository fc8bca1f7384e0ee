package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// workflows looks through the pipeline's files: with actionlint whether they are right,
// with zizmor whether they are safe, as by actions that are not pinned to a commit; and
// through the template of the pipeline's role, with cfn-lint.
func workflows(ctx context.Context, p project) (result, error) {
	var r result
	files, err := filepath.Glob(filepath.Join(p.root, ".github/workflows/*.yml"))
	if err != nil {
		return r, err
	}
	if len(files) == 0 {
		return r, fmt.Errorf("there is no file in .github/workflows")
	}
	// What else is installed on a machine must not decide.
	said, err := call{dir: p.root, name: filepath.Join(p.bin, "actionlint"), args: append([]string{"-no-color", "-shellcheck=", "-pyflakes="}, files...)}.both(ctx)
	if err != nil {
		r.failed = append(r.failed, fmt.Sprintf("actionlint: %v\n%s", err, said))
	}
	r.looked = fmt.Sprintf("actionlint: %d files", len(files))

	python, errs, err := call{dir: p.root, name: "bash", args: []string{"shared/test/servers/python.sh", "tools/supply/requirements.txt"}}.run(ctx)
	if err != nil {
		r.unseen = append(r.unseen, "zizmor cannot be installed: "+hostless(lastLine(errs)))
		return r, nil
	}
	zizmor := call{dir: p.root, name: filepath.Join(filepath.Dir(lastLine(string(python))), "zizmor")}
	zizmor.args = append([]string{"--quiet", "--offline", "--no-progress", "--color=never", "--config", "tools/supply/zizmor.yml"}, files...)
	if said, err = zizmor.both(ctx); err != nil {
		r.failed = append(r.failed, fmt.Sprintf("zizmor: %v\n%s", err, said))
	}
	r.looked += ", zizmor too"

	bin, errs, err := call{dir: p.root, name: "bash", args: []string{"tools/python.sh"}}.run(ctx)
	if err != nil {
		r.unseen = append(r.unseen, "cfn-lint cannot be installed: "+hostless(lastLine(errs)))
		return r, nil
	}
	cfnLint := call{dir: p.root, name: filepath.Join(lastLine(string(bin)), "cfn-lint"), args: []string{"--regions", "eu-south-1", "--", ".github/deploy-role.yml"}}
	if said, err = cfnLint.both(ctx); err != nil {
		r.failed = append(r.failed, fmt.Sprintf("cfn-lint: %v\n%s", err, said))
	}
	r.looked += "; cfn-lint: the role"
	return r, nil
}
