package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Tree is a hash of names, sizes and times of all files below a folder that take tells of (nil: all), the zero value where there is no such folder.
// newest is the latest of those times. It is false where there is a link or something else that is no plain file: what lies behind it is not seen.
func Tree(dir string, take func(name string) bool) (sum [32]byte, newest int64, ok bool) {
	if _, err := os.Lstat(dir); err != nil {
		return sum, 0, os.IsNotExist(err)
	}
	var b []byte
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) { // the daemon's, say: nothing in it is read
			b = append(b, name+"?\x00"...)
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			b = append(b, name+"/\x00"...)
			return nil
		}
		if take != nil && !take(name) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fs.ErrInvalid
		}
		at := info.ModTime().UnixNano()
		newest = max(newest, at)
		b = append(b, name+"\x00"...)
		b = binary.AppendVarint(binary.AppendVarint(b, info.Size()), at)
		return nil
	})
	return sha256.Sum256(b), newest, err == nil
}
