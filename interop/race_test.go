//go:build race && linux

package interop

const raced = true
