package activitypub

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
)

// errTree is what UnmarshalJSON says of JSON that is no tree.
var errTree = errors.New("not a tree of words")

// MarshalJSON writes the wire format.
func (t Tree) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := t.encode(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (t Tree) encode(b *bytes.Buffer) error {
	b.WriteByte('[')
	for i, n := range t {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := n.encode(b); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func (n Node) encode(b *bytes.Buffer) error {
	if n.Tag == "" {
		return encode(b, n.Text)
	}
	b.WriteByte('[')
	if err := encode(b, n.Tag); err != nil {
		return err
	}
	b.WriteByte(',')
	attr := n.Attr
	if attr == nil {
		attr = map[string]string{}
	}
	if err := encode(b, attr); err != nil {
		return err
	}
	for _, c := range n.Children {
		b.WriteByte(',')
		if err := c.encode(b); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func encode(b *bytes.Buffer, v any) error {
	p, err := Marshal(v)
	b.Write(p)
	return err
}

// UnmarshalJSON reads the wire format and enforces the same allow-list and bounds as ParseHTML: a tree is never trusted for where it lay.
// An error means that the JSON is no tree at all; what merely is not allowed is left out.
func (t *Tree) UnmarshalJSON(data []byte) error {
	v, err := parseDocument(data)
	if err != nil {
		return err
	}
	if v.kind == 'n' {
		*t = nil
		return nil
	}
	if v.kind != '[' {
		return errTree
	}
	b := newBuilder(nil)
	if err := b.decode(v.list); err != nil {
		return err
	}
	*t = b.tree()
	return nil
}

func (b *builder) decode(list []value) error {
	for _, v := range list {
		if b.full {
			return nil
		}
		if v.kind == '"' {
			b.text(v.text)
			continue
		}
		if v.kind != '[' || len(v.list) < 2 || v.list[0].kind != '"' || v.list[1].kind != '{' {
			return errTree
		}
		if err := b.decodeElement(v.list[0].text, v.list[1], v.list[2:]); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) decodeElement(tag string, attr value, children []value) error {
	if tag == "emoji" {
		b.emojiNode(str(attr.get("name")), str(attr.get("src")), str(attr.get("own")))
		return nil
	}
	m := map[string]string{}
	for _, a := range attr.members {
		m[a.name] = str(a.value)
	}
	if rawText[tag] {
		return nil
	}
	b.open(tag, m)
	err := b.decode(children)
	b.close(tag)
	return err
}

// emojiNode adds a custom emoji. A picture of our own may have an address without a host.
func (b *builder) emojiNode(name, src, own string) {
	attr := map[string]string{"name": emojiName(name), "src": webURL(src)}
	if own != "" {
		attr["own"] = "true"
		if u, err := url.Parse(src); err == nil && strings.HasPrefix(src, "/") && !strings.HasPrefix(src, "//") && !strings.Contains(src, `\`) {
			attr["src"] = u.String()
		}
	}
	if attr["name"] == "" || attr["src"] == "" || b.inside("code") || b.inside("pre") {
		b.text(name)
		return
	}
	b.startLine()
	if b.bytes+len(attr["name"]) > maxText {
		b.full = true
		return
	}
	b.bytes += len(attr["name"])
	b.space = false
	b.add(Node{Tag: "emoji", Attr: attr})
}
