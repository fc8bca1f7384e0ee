package store

import "infocig/shared/table"

// overTable is a store.Store over a table.
type overTable struct {
	table table.Table
	reads int // how many reads one call makes at the same time
}

// New returns the store that a table keeps. It reads the shards of a queue at the same time.
func New(t table.Table) Store { return &overTable{table: t, reads: MaxShards} }

// Sequential returns the store that a table keeps. It makes one request after the other, all
// in its caller's goroutine. It is for a simulator.
func Sequential(t table.Table) Store { return &overTable{table: t, reads: 1} }
