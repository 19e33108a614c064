//go:build !race

package mathml

const raced = false
