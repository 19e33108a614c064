package importer

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/sitepath"
)

// finder looks a path of the old site up among the files that came along. name is for root.
type finder struct {
	root *os.Root
	find func(at string) (name string, ok bool)
}

// asset is a file to be copied.
type asset struct {
	root *os.Root
	name string
}

// maxMedia bounds one copied file in bytes.
const maxMedia = 2 << 30

// addMedia looks for uploads in a folder. Whether it is the uploads folder itself or one above is found out file by file: of the
// longest end of the path that is there.
func (in *importing) addMedia(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("opening the folder of media: %w", err)
	}
	in.media = append(in.media, finder{root, func(at string) (string, bool) {
		for rest := strings.Trim(at, "/"); rest != ""; {
			if isFile(root, rest) {
				return rest, true
			}
			_, tail, ok := strings.Cut(rest, "/")
			if !ok {
				break
			}
			rest = tail
		}
		return "", false
	}})
	return nil
}

func (in *importing) close() {
	for _, m := range in.media {
		_ = m.root.Close()
	}
}

// isFile tells whether root holds a plain file of that name. Links that lead out of the root lead nowhere.
func isFile(root *os.Root, name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	info, err := root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// kept finds the file of an old path and plans its copy at the same path, so that its address stays. It gives the new path.
func (in *importing) kept(at string) (string, bool) {
	at = path.Clean("/" + at)
	if to, ok := in.copied[at]; ok {
		return to, true
	}
	for _, m := range in.media {
		name, ok := m.find(at)
		if !ok {
			continue
		}
		to, ok := in.assetPath(at)
		if !ok {
			in.note(Note{Code: CodeItem, File: name, Message: "a file of this name cannot be part of a site", Help: "rename it"})
			return "", false
		}
		in.files[to] = asset{m.root, name}
		in.copied[at] = "/" + to
		return "/" + to, true
	}
	return "", false
}

// there tells whether a file of an old path came along.
func (in *importing) there(at string) bool {
	for _, m := range in.media {
		if _, ok := m.find(path.Clean("/" + at)); ok {
			return true
		}
	}
	return false
}

// assetPath is where a file of an old path lies below content/. What the daemon or publish keeps for itself moves below files/.
func (in *importing) assetPath(at string) (string, bool) {
	parts := strings.Split(strings.Trim(at, "/"), "/")
	for _, p := range parts {
		if ignoredName(p) {
			return "", false
		}
	}
	name := strings.Join(parts, "/")
	if strings.HasSuffix(strings.ToLower(name), ".md") || len(name) > 500 {
		return "", false
	}
	first := strings.ToLower(parts[0])
	if first != "assets" && slices.Contains(sitepath.Reserved, first) || first == "posts" || first == "replies" {
		name = "files/" + name
	}
	if who := in.taken.holder(name); who != "" {
		return "", false
	}
	return name, true
}

// ignoredName tells whether publish leaves a file or folder of this name out, or refuses it.
func ignoredName(p string) bool {
	return p == "" || len(p) > 200 || strings.HasPrefix(p, ".") || strings.HasPrefix(p, "#") || strings.HasSuffix(p, "~") || strings.HasSuffix(p, ".tmp") || strings.HasSuffix(p, ".swp") ||
		p == "Thumbs.db" || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f || r == '\uFFFD' })
}

// mediaKinds are the endings of files that are media and not pages.
var mediaKinds = kinds(`jpg jpeg png gif webp avif svg bmp tif tiff heic ico mp3 m4a ogg oga opus wav flac aac mp4 m4v webm ogv mov avi mkv pdf zip gz tgz bz2 xz 7z
	txt csv json xml doc docx odt xls xlsx ods ppt pptx odp epub mobi stl gpx kml geojson ipynb vtt srt woff woff2 ttf otf key asc sig`)

var pictureKinds = kinds("jpg jpeg png gif webp avif svg bmp")

func kinds(endings string) map[string]bool {
	m := map[string]bool{}
	for _, e := range strings.Fields(endings) {
		m["."+e] = true
	}
	return m
}

func isMedia(at string) bool { return mediaKinds[strings.ToLower(path.Ext(at))] }

func isPicture(at string) bool { return pictureKinds[strings.ToLower(path.Ext(at))] }
