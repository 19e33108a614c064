//go:build !race

package inbox_test

const slower = 1

const corpusPart = 1
