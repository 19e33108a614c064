package door

import "testing"

func TestOpen(t *testing.T) {
	t.Run("child", func(t *testing.T) {
		if Open(17, "a") {
			t.Error("a child came in")
		}
	})
	if !Open(18, "a") {
		t.Error("nobody comes in")
	}
}

func TestPanics(t *testing.T) {
	if Open(1, "a") {
		panic("in")
	}
}

func TestRed(t *testing.T) { t.Error("always") }

func TestSkips(t *testing.T) { t.Skip("today") }
