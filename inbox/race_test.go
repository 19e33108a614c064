//go:build race

package inbox_test

// slower divides the numbers of the floods where the race detector makes every step many times as long. make test runs them in full
// as well, without it.
const slower = 10

// corpusPart: one row of the corpus in so many is played. make test plays all of them as well, without the race detector.
const corpusPart = 4
