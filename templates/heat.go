package templates

import (
	"slices"
	"strings"
)

// heatMonth is a month of the archive's strip.
type heatMonth struct {
	Name  string
	Count int
	Level int // 0 for no post, to 4 for the month that has the most
}

// heat is the twelve months of a year, each measured by the fullest month of all years.
func heat(lang string, years []Year, year Year) []heatMonth {
	most := 1
	for _, y := range years {
		most = max(most, slices.Max(perMonth(y)))
	}
	names := strings.Fields(Text(lang, "months-short"))
	months := make([]heatMonth, len(names))
	for i, n := range perMonth(year)[:len(names)] {
		months[i] = heatMonth{names[i], n, (4*n + most - 1) / most}
	}
	return months
}

// perMonth counts a year's posts.
func perMonth(y Year) []int {
	n := make([]int, 12)
	for _, p := range y.Posts {
		n[p.Date.Month()-1]++
	}
	return n
}
