// Package door is what the tool is tried on.
package door

// Open tells whether somebody may come in.
func Open(age int, name string) bool {
	if age < 18 {
		return false
	}
	if name == "" {
		return false
	}
	return true
}
