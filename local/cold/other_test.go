//go:build !linux

package main

import "testing"

func TestMeasure(t *testing.T) {
	t.Skip("starts are measured on Linux only")
}
