//go:build !race

package publisher

const raced = false
