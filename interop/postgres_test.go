package interop

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// postgres gives the address of a new schema on the server that POSTIL_TEST_POSTGRES names. The schema goes with the test.
func postgres(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(os.Getenv("POSTIL_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme == "" {
		missing(t, "PostgreSQL (POSTIL_TEST_POSTGRES)")
	}
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	schema := "interop_" + strings.ToLower(rand.Text())
	if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
