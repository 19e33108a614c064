package media

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

func le(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }
func be(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

// wave is a WAV file of so many bytes of data, at 8,000 bytes a second.
func wave(data uint32) string {
	return "RIFF" + le(36+data) + "WAVE" + "LIST" + le(3) + "abc\x00" + "fmt " + le(16) + "\x01\x00\x01\x00" + le(8000) + le(8000) + "\x01\x00\x08\x00" + "data" + le(data) + string(make([]byte, data))
}

func mp4Box(kind, body string) string { return be(uint32(8+len(body))) + kind + body }

func TestDuration(t *testing.T) {
	t.Parallel()
	head := func(rest string) string { return mp4Box("moov", mp4Box("udta", "x")+mp4Box("mvhd", rest)) }
	long := "\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x14data"
	stream := "fLaC\x00\x00\x00\x22" + string(make([]byte, 10)) + string(binary.BigEndian.AppendUint64(nil, 44100<<44|88200)) + string(make([]byte, 16))
	for name, c := range map[string]struct {
		kind, data string
		want       time.Duration
	}{
		"wav":                  {"audio/wav", wave(12000), 1500 * time.Millisecond},
		"wav that is cut":      {"audio/wav", wave(12000)[:52+4000], 500 * time.Millisecond},
		"wav without rate":     {"audio/wav", "RIFF" + le(20) + "WAVEdata" + le(4) + "abcd", 0},
		"wav for ever":         {"audio/wav", "RIFF\x00\x00\x00\x00WAVE" + "xxxx\xff\xff\xff\xff", 0},
		"flac":                 {"audio/flac", stream, 2 * time.Second},
		"flac without rate":    {"audio/flac", "fLaC\x00\x00\x00\x22" + string(make([]byte, 34)), 0},
		"mp4":                  {"video/mp4", mp4Box("ftyp", "isom") + long + head("\x00\x00\x00\x00"+be(1)+be(2)+be(600)+be(75000)+string(make([]byte, 80))), 125 * time.Second},
		"mp4, 64 bits":         {"audio/mp4", head("\x01\x00\x00\x00" + string(make([]byte, 16)) + be(1000) + be(0) + be(1500) + string(make([]byte, 80))), 1500 * time.Millisecond},
		"mp4 without head":     {"video/mp4", mp4Box("ftyp", "isom"), 0},
		"mp4 box of no length": {"video/mp4", be(1) + "mdat" + be(0) + be(0), 0},
		"mp4 box that is long": {"video/mp4", be(1<<31) + "mdat", 0},
		"mp4 without scale":    {"video/mp4", head(string(make([]byte, 100))), 0},
		"mp3":                  {"audio/mpeg", "ID3", 0},
		"nothing":              {"audio/wav", "", 0},
	} {
		if got := Duration(bytes.NewReader([]byte(c.data)), int64(len(c.data)), c.kind); got != c.want {
			t.Errorf("%s lasts %v, want %v", name, got, c.want)
		}
	}
}

func TestType(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.MP3": "audio/mpeg", "b/c.webm": "video/webm", "a.png": "", "mp3": "", "": ""} {
		if got := Type(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func FuzzDuration(f *testing.F) {
	f.Add("audio/wav", []byte(wave(10)))
	f.Add("video/mp4", []byte(mp4Box("moov", mp4Box("mvhd", string(make([]byte, 100))))))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		if d := Duration(bytes.NewReader(data), int64(len(data)), kind); d < 0 || d > longest {
			t.Error(d)
		}
	})
}
