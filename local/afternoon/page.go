package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"infocig/shared/hours"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"clock": clock}).Parse(pageText))

// Size of a chart, in its own units.
const width, height = 720.0, 200.0

// A chart is lines over the time of day.
type chart struct {
	Title string
	Unit  string
	Top   string // at the upper end of the scale
	Lines []line
	Band  string // points of an area, between what was promised
	Hours []tick
}

type line struct {
	Name   string
	Class  string
	Points string
}

type tick struct {
	X    float64
	Text string
}

// draw writes the figures and their charts as a page.
func (r Report) draw(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	err = pageTemplate.Execute(f, map[string]any{"R": r, "Charts": r.charts()})
	if end := f.Close(); err == nil {
		err = end
	}
	return err
}

func (r Report) charts() []chart {
	n := len(r.minutes)
	waiting, served, refused := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, m := range r.minutes {
		waiting[i], served[i], refused[i] = float64(m.waiting), float64(m.served), float64(m.refused)
	}
	line1, most1 := plot(waiting)
	_, most2 := plot(slices.Concat(served, refused))
	queue := chart{Title: "People who wait", Unit: "people", Top: fmt.Sprint(int(most1)), Hours: r.hours(), Lines: []line{{"waiting", "a", line1}}}
	flow := chart{Title: "Conversations begun, and people told that it is full, each minute", Unit: "a minute", Top: fmt.Sprint(int(most2)), Hours: r.hours(), Lines: []line{
		{"begun", "a", scaled(served, most2)}, {"told that it is full", "b", scaled(refused, most2)},
	}}
	return []chart{queue, r.waits(), flow}
}

// waits draws the median wait of those who came in each five minutes, and the mean
// range that they were promised.
func (r Report) waits() chart {
	const span = 5
	c := chart{Title: "Wait of those who came then, and the range that they were told", Unit: "minutes", Hours: r.hours()}
	type point struct{ x, wait, low, high float64 }
	var all []point
	most := 1.0
	for i := 0; i < len(r.minutes); i += span {
		var waits []time.Duration
		var low, high int
		for _, m := range r.minutes[i:min(i+span, len(r.minutes))] {
			waits = append(waits, m.waits...)
			for j := range m.low {
				low, high = low+m.low[j], high+m.high[j]
			}
		}
		if len(waits) == 0 {
			continue
		}
		slices.Sort(waits)
		n := float64(len(waits))
		p := point{float64(i) + span/2.0, waits[len(waits)/2].Minutes(), float64(low) / 60 / n, float64(high) / 60 / n}
		all = append(all, p)
		most = max(most, p.wait, p.high)
	}
	var wait, upper, lower []string
	for _, p := range all {
		x := p.x / float64(len(r.minutes)-1) * width
		at := func(v float64) string { return fmt.Sprintf("%.1f,%.1f", x, height-v/most*height) }
		wait, upper, lower = append(wait, at(p.wait)), append(upper, at(p.high)), append(lower, at(p.low))
	}
	slices.Reverse(lower)
	c.Top = fmt.Sprintf("%.0f", most)
	c.Lines = []line{{"median wait", "a", strings.Join(wait, " ")}, {"promised range", "band", ""}}
	c.Band = strings.Join(slices.Concat(upper, lower), " ")
	return c
}

// hours marks the half hours from the opening on.
func (r Report) hours() (all []tick) {
	last := r.minutes[len(r.minutes)-1].at
	for at := time.Duration(0); at <= last; at += 30 * time.Minute {
		all = append(all, tick{float64(at) / float64(last) * width, opening.Add(at).In(hours.Rome()).Format("15:04")})
	}
	return all
}

func plot(values []float64) (points string, most float64) {
	most = max(1, slices.Max(values))
	return scaled(values, most), most
}

func scaled(values []float64, most float64) string {
	var points []string
	for i, v := range values {
		points = append(points, fmt.Sprintf("%.1f,%.1f", float64(i)/float64(len(values)-1)*width, height-v/most*height))
	}
	return strings.Join(points, " ")
}
