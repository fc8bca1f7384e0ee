package main

import (
	"testing"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring/wiringtest"
)

func TestWire(t *testing.T) { wiringtest.Run(t, wire, env.Connect) }
