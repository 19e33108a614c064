package site

import (
	"maps"
	"slices"
	"strings"
)

// Actor is one of the blog's own actors.
type Actor struct {
	ID     string
	Handle string // preferredUsername
	Author string // NAME of [authors.NAME]; "" for the blog
}

// Actors lists the blog and those authors that are actors of its own, by name: all that can be followed. The instance actor is none
// of them.
func (c *Config) Actors() []Actor {
	a := c.Addresses()
	list := []Actor{{ID: a.Actor(), Handle: c.Federation.Handle}}
	for _, name := range slices.Sorted(maps.Keys(c.Authors)) {
		if handle, own := c.Authors[name].Local(name); own {
			list = append(list, Actor{ID: a.Author(name), Handle: handle, Author: name})
		}
	}
	return list
}

// Local gives the handle that an author has on the blog. ok is false for one whose account is elsewhere.
func (a Author) Local(name string) (handle string, ok bool) {
	handle = strings.TrimPrefix(a.Handle, "@")
	if strings.Contains(handle, "@") {
		return "", false
	}
	if handle == "" {
		handle = name
	}
	return handle, true
}

// ActorID gives the actor that speaks for an author: the author's own, else the blog.
func (c *Config) ActorID(author string) string {
	if a, known := c.Authors[author]; known {
		if _, own := a.Local(author); own {
			return c.Addresses().Author(author)
		}
	}
	return c.Addresses().Actor()
}

// Speaker gives the actor that speaks of a document of ours, by its attributedTo: one of Actors, else the blog.
func (c *Config) Speaker(attributedTo string) string {
	if slices.ContainsFunc(c.Actors(), func(a Actor) bool { return a.ID == attributedTo }) {
		return attributedTo
	}
	return c.Addresses().Actor()
}
