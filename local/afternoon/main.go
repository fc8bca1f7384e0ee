// Afternoon plays an opening day of INFO CIG in virtual time, with the real desk on
// a store that takes its time like DynamoDB, prints the day's figures and draws
// them as a page.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
)

func main() {
	flags := flag.NewFlagSet("afternoon", flag.ExitOnError)
	flags.Usage = func() {
		_, _ = fmt.Fprintf(flags.Output(), "Plays an opening day of INFO CIG and prints its figures.\n\n  go run ./local/afternoon [flags]\n\n") // to a terminal
		flags.PrintDefaults()
	}
	var names []string
	for _, d := range days {
		names = append(names, d.Name)
	}
	name := flags.String("day", days[0].Name, "which `day`: "+strings.Join(names, ", ")+"; a national one takes about a minute")
	people := flags.Int("people", 0, "how many people come, instead of the day's")
	advisors := flags.Int("advisors", 0, "how many advisors serve, instead of the day's")
	seed := flags.Uint64("seed", 1, "another `number` is another day of the same kind")
	page := flags.String("page", "build/afternoon.html", "where to draw it; empty for nowhere")
	_ = flags.Parse(os.Args[1:]) // exits
	day, ok := dayNamed(*name)
	if !ok || flags.NArg() > 0 || *people < 0 || *advisors < 0 {
		flags.Usage()
		os.Exit(2)
	}
	day.Seed = *seed
	if *people > 0 {
		day.People = *people
	}
	if *advisors > 0 {
		day.Advisors = *advisors
	}
	fmt.Fprintf(os.Stderr, "Playing the day %s …\n", day.Name)
	bubble(func() error {
		w, err := play(day)
		if err != nil {
			return err
		}
		r := w.report()
		r.Print(os.Stdout)
		if *page == "" {
			return nil
		}
		if err := r.draw(*page); err != nil {
			return err
		}
		fmt.Println("  drawn in  ", *page)
		return nil
	})
}

// bubble runs do in virtual time and exits. Package testing has the only way there
// is into a bubble, which is a test; what it says of itself is of no interest here.
func bubble(do func() error) {
	test := func(t *testing.T) {
		synctest.Test(t, func(*testing.T) {
			if err := do(); err != nil {
				fmt.Fprintln(os.Stderr, "afternoon:", err)
				os.Exit(1)
			}
		})
		os.Stdout, _ = os.Open(os.DevNull) // it would say PASS
	}
	os.Args = os.Args[:1]
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "afternoon", F: test}}, nil, nil)
}
