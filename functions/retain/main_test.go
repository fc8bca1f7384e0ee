package main

import (
	"testing"

	"infocig/shared/env"
	"infocig/shared/wiring/wiringtest"
)

func TestWire(t *testing.T) { wiringtest.Run(t, wire, env.Retain) }
