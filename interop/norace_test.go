//go:build !race && linux

package interop

const raced = false
