// Package media knows sound and film by their names, and how long a file lasts where its head says so.
//
// A file's name or its bytes come in; a kind, a media type or a duration go out. It decodes nothing: who wants to know how long an
// MP3 lasts has to read all of it, so that is not told.
package media

import (
	"encoding/binary"
	"io"
	"path"
	"strings"
	"time"
)

// types are those of the files that browsers play. The system's own table differs from machine to machine.
var types = map[string]string{
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav", ".m4a": "audio/mp4", ".aac": "audio/aac",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg",
}

// Type is the media type of a file that is sound or film, by its name; "" for all others.
func Type(name string) string { return types[strings.ToLower(path.Ext(name))] }

// longest is beyond every true duration. A head that says more is not believed.
const longest = 1000 * time.Hour

// Duration tells how long a file lasts: WAV, FLAC and MP4. It is 0 where that is not to be had from the head.
func Duration(r io.ReaderAt, size int64, mediaType string) time.Duration {
	var d float64 // seconds
	switch mediaType {
	case "audio/wav":
		d = wav(r, size)
	case "audio/flac":
		d = flac(r)
	case "audio/mp4", "video/mp4":
		d = mp4(r, size)
	}
	if !(d > 0 && d < longest.Seconds()) {
		return 0
	}
	return time.Duration(d * float64(time.Second)).Round(time.Millisecond)
}

// read gives n bytes at an offset, nil where there are not so many.
func read(r io.ReaderAt, at int64, n int) []byte {
	b := make([]byte, n)
	if k, _ := r.ReadAt(b, at); k < n {
		return nil
	}
	return b
}

// parts is how many parts of a file are looked at: real ones have a dozen.
const parts = 1000

// wav divides the length of the data by the bytes of a second (RIFF WAVE).
func wav(r io.ReaderAt, size int64) float64 {
	head := read(r, 0, 12)
	if head == nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return 0
	}
	rate := 0.0
	for at, n := int64(12), 0; n < parts; n++ {
		chunk := read(r, at, 8)
		if chunk == nil {
			return 0
		}
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if format := read(r, at+8, 12); format != nil {
				rate = float64(binary.LittleEndian.Uint32(format[8:]))
			}
		case "data":
			return float64(min(length, size-at-8)) / rate
		}
		at += 8 + length + length&1
	}
	return 0
}

// flac divides the samples by their rate, which stand in the first block (RFC 9639, STREAMINFO).
func flac(r io.ReaderAt) float64 {
	b := read(r, 0, 26)
	if b == nil || string(b[:4]) != "fLaC" || b[4]&0x7f != 0 {
		return 0
	}
	packed := binary.BigEndian.Uint64(b[18:])
	return float64(packed&(1<<36-1)) / float64(packed>>44)
}

// mp4 takes the duration of the film's head (ISO 14496-12, mvhd within moov).
func mp4(r io.ReaderAt, size int64) float64 {
	at, end := int64(0), size
	for n := 0; n < parts && at < end; n++ {
		kind, body, next := box(r, at, end)
		switch kind {
		case "":
			return 0
		case "moov":
			at, end = body, next
		case "mvhd":
			return movieHead(r, body)
		default:
			at = next
		}
	}
	return 0
}

// box is the one at an offset: its kind, where its content begins and where the next one does.
func box(r io.ReaderAt, at, end int64) (kind string, body, next int64) {
	head := read(r, at, 8)
	if head == nil {
		return "", 0, 0
	}
	length, body := int64(binary.BigEndian.Uint32(head)), at+8
	switch length {
	case 0: // to the end
		length = end - at
	case 1: // a long one
		long := read(r, body, 8)
		if long == nil {
			return "", 0, 0
		}
		length, body = int64(binary.BigEndian.Uint64(long)&(1<<62-1)), at+16
	}
	if length < body-at || length > end-at {
		return "", 0, 0
	}
	return string(head[4:]), body, at + length
}

func movieHead(r io.ReaderAt, at int64) float64 {
	b := read(r, at, 32)
	if b == nil {
		return 0
	}
	if b[0] == 1 {
		return float64(binary.BigEndian.Uint64(b[24:])) / float64(binary.BigEndian.Uint32(b[20:]))
	}
	return float64(binary.BigEndian.Uint32(b[16:])) / float64(binary.BigEndian.Uint32(b[12:]))
}
