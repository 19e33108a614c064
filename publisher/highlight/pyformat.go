package highlight

import "strings"

// pyLongest is how far a placeholder may reach: a text of opening braces must not be searched to its end from each of them.
const pyLongest = 256

// pyPercent is the end of a placeholder like %(name)-5.2f, here if there is none.
func pyPercent(s *scanner) int {
	i := s.pos + 1
	if s.at(i) == '(' {
		end := s.run(i+1, word)
		if end == i+1 || s.at(end) != ')' || end-i > pyLongest {
			return s.pos
		}
		i = end + 1
	}
	for s.at(i) != 0 && strings.IndexByte("-#0 +", s.at(i)) >= 0 && i-s.pos < pyLongest {
		i++
	}
	i = pyWidth(s, i)
	if s.at(i) == '.' {
		end := pyWidth(s, i+1)
		if end == i+1 {
			return s.pos
		}
		i = end
	}
	if c := s.at(i); c == 'h' || c == 'l' || c == 'L' {
		i++
	}
	if s.at(i) != 0 && strings.IndexByte("EFGXcdefgiorsaux%", s.at(i)) >= 0 {
		return i + 1
	}
	return s.pos
}

func pyWidth(s *scanner, i int) int {
	if s.at(i) == '*' {
		return i + 1
	}
	return s.run(i, digit)
}

// pyBraces is the end of a placeholder like {name.part[0]!r:>10}, here if there is none.
func pyBraces(s *scanner) int {
	i := s.run(s.pos+1, word)
	if i > s.pos+1 {
		i = pyParts(s, i)
	}
	if next := s.at(i + 1); s.at(i) == '!' && (next == 's' || next == 'r' || next == 'a') {
		i += 2
	}
	if s.at(i) == ':' {
		i = pySpec(s, i+1)
	}
	if s.at(i) == '}' && i-s.pos < pyLongest {
		return i + 1
	}
	return s.pos
}

// pyParts is the end of the fields and items after a name.
func pyParts(s *scanner, i int) int {
	for i-s.pos < pyLongest {
		end := i
		if s.at(i) == '.' {
			end = s.run(i+1, word)
		} else if s.at(i) == '[' {
			near := s.text[i:min(i+pyLongest, len(s.text))]
			end = i + max(strings.IndexByte(near, ']'), 0) + 1
		}
		// Neither a lone point nor [] nor an open bracket is a part.
		if end-i < 2 || s.at(i) == '[' && end-i < 3 {
			return i
		}
		i = end
	}
	return i
}

// pySpec is the end of a format like >+#010,.2f.
func pySpec(s *scanner, i int) int {
	align := func(c byte) bool { return c != 0 && strings.IndexByte("<>=^", c) >= 0 }
	if align(s.at(i + 1)) {
		i += 2
	} else if align(s.at(i)) {
		i++
	}
	if c := s.at(i); c == '-' || c == '+' || c == ' ' {
		i++
	}
	if s.at(i) == '#' {
		i++
	}
	i = s.run(i, digit)
	if s.at(i) == ',' {
		i++
	}
	if s.at(i) == '.' && classes[s.at(i+1)]&digit != 0 {
		i = s.run(i+1, digit)
	}
	if c := s.at(i); c != 0 && strings.IndexByte("EFGXbcdefgnosx%", c) >= 0 {
		i++
	}
	return i
}
