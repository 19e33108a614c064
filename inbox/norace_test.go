//go:build !race

package inbox_test

const slower = 1
