package publisher

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/postil-blog/postil/publisher/data"
)

// readData reads the site's data files. By default the daemon keeps its own things in the same folder, closed to all but it: where it runs
// as somebody else there are no data files for us.
func (b *build) readData() error {
	folder, err := b.site.OpenRoot(data.Folder)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer folder.Close()
	set, faults, err := data.Load(folder.FS(), b.config.Location())
	if errors.Is(err, fs.ErrPermission) && b.config.Path(b.config.Inboxd.Data) == b.config.Path(data.Folder) {
		return nil
	}
	for _, d := range faults {
		b.fault(d)
	}
	b.data = set
	return err
}

// asksData tells whether a template's text asks for data: what is made by others need not be made again when a data file changes.
func asksData(text string) bool { return strings.Contains(text, ".Data") }
