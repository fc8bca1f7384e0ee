// Package table is a key-value table with conditions, and what every area's store is
// written over: one interface, two drivers (dynamo, bolt), no knowledge of what is in it.
// It touches no area.
//
// A table promises nothing that DynamoDB cannot keep with one conditional write, one
// transaction or one query of a partition; package tabletest checks each driver for it.
package table
