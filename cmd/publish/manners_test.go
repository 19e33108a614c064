package main

import (
	"testing"

	"github.com/postil-blog/postil/cmd/internal/cli/clitest"
)

// TestManners holds for every verb that -h is at most 25 lines and begins with three examples, that help VERB says more, and that a typo
// gets one line.
func TestManners(t *testing.T) {
	t.Parallel()
	clitest.Manners(t, rootCommand)
}
