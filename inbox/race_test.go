//go:build race

package inbox_test

// slower divides the numbers of the floods where the race detector makes every step several times as long.
const slower = 5
