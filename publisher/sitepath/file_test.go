package sitepath

import "testing"

func TestFile(t *testing.T) {
	t.Parallel()
	long := ""
	for range 300 {
		long += "d/"
	}
	for _, name := range []string{"aux.txt", "x/CON/a.txt", "lpt1", "a.txt.", "x ./a", "a /b.txt", "ap/x", "AP/x.json", "media/x.png", "admin", "readyz", "api/v1/x", "interact", "webmention", "comments/x", long + "x"} {
		if why, help := File(name); why == "" || help == "" {
			t.Errorf("%q is taken", name)
		}
	}
	for _, name := range []string{"auxiliary.txt", "a.b.txt", "x/ap/y", "apple.txt", "assets/logo.png", "media.png", "files/media/x", "com10", "posts/a.png", "emoji/ok.png", ".well-known/x"} {
		if why, _ := File(name); why != "" {
			t.Errorf("%q: %s", name, why)
		}
	}
}
