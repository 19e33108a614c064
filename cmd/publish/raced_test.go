//go:build race

package main

// raced tells that the race detector watches: the programs that tests run are built without it where their costs are measured.
const raced = true
