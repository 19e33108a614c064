package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// TestSARIF holds a log to what SARIF 2.1.0 demands of the parts that we write; the numbers are of its sections.
func TestSARIF(t *testing.T) {
	t.Parallel()
	faults := site.Diagnostics{
		{Severity: site.Error, Code: "P012", File: "content/posts/a b: ü.md", Line: 3, Col: 7, Width: 10, Message: "date is not a date", Excerpt: "datè: 28/10/2026", Fix: site.Fix{Line: 3, Col: 7, Old: "28/10/2026", Text: "2026-10-28"}},
		{Severity: site.Warning, Code: "P041", File: "content/posts/b.md", Line: 1, Message: "no description", Label: "label", Help: "help"},
		{Severity: site.Error, Code: "P012", File: "content/posts/c.md", Message: "no place"},
		{Severity: site.Error, Code: "P003", File: "POSTIL_SITE_URI", Message: "sets nothing"},
		{Severity: site.Error, Code: "P047", File: "content/x.md", Line: 1, Col: 1, Message: "moved", Fix: site.Fix{Line: 2, Col: 1, Text: "aliases = []\n"}},
	}
	var b bytes.Buffer
	if err := checkSARIF(&b, checked{Diagnostics: faults}); err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log["version"] != "2.1.0" || !strings.Contains(log["$schema"].(string), "sarif-2.1.0") { // 3.13.2, 3.13.3
		t.Errorf("version %v, schema %v", log["version"], log["$schema"])
	}
	run := only(t, log["runs"])
	if !slices.Contains([]any{"unicodeCodePoints", "utf16CodeUnits"}, run["columnKind"]) { // 3.14.17
		t.Errorf("columnKind %v", run["columnKind"])
	}
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	if driver["name"] == "" { // 3.19.8
		t.Error("the tool has no name")
	}
	rules := driver["rules"].([]any)
	results := run["results"].([]any)
	if len(results) != len(faults) || len(rules) != 4 {
		t.Fatalf("%d results and %d rules", len(results), len(rules))
	}
	for i, v := range results {
		sarifResultIs(t, faults[i], v.(map[string]any), rules)
	}
	for _, v := range rules {
		r := v.(map[string]any)
		if u, err := url.Parse(r["helpUri"].(string)); err != nil || !u.IsAbs() { // 3.49.12
			t.Errorf("helpUri %v", r["helpUri"])
		}
		if r["shortDescription"].(map[string]any)["text"] == "" { // 3.49.9, 3.11.3
			t.Errorf("rule %v has no description", r["id"])
		}
	}
}

func only(t *testing.T, list any) map[string]any {
	t.Helper()
	l, ok := list.([]any)
	if !ok || len(l) != 1 {
		t.Fatalf("not one but %v", list)
	}
	return l[0].(map[string]any)
}

func sarifResultIs(t *testing.T, d site.Diagnostic, r map[string]any, rules []any) {
	t.Helper()
	if !slices.Contains([]any{"none", "note", "warning", "error"}, r["level"]) { // 3.27.10
		t.Errorf("level %v", r["level"])
	}
	if text := r["message"].(map[string]any)["text"].(string); !strings.HasPrefix(text, d.Message) { // 3.27.11
		t.Errorf("message %q", text)
	}
	rule := rules[int(r["ruleIndex"].(float64))].(map[string]any) // 3.27.6
	if rule["id"] != r["ruleId"] || r["ruleId"] != d.Code {
		t.Errorf("rule %v for %v", rule["id"], r["ruleId"])
	}
	location := only(t, r["locations"])
	physical, inFile := location["physicalLocation"].(map[string]any)
	if !inFile {
		if logical := only(t, location["logicalLocations"]); logical["fullyQualifiedName"] != d.File { // 3.33.5
			t.Errorf("location %v", location)
		}
		return
	}
	uri := physical["artifactLocation"].(map[string]any)["uri"].(string) // 3.4.3
	if u, err := url.Parse(uri); err != nil || u.IsAbs() || u.Path != d.File && u.Path != "./"+d.File || strings.Contains(uri, " ") {
		t.Errorf("uri %q of %q: %v", uri, d.File, err)
	}
	region, ok := physical["region"].(map[string]any)
	if ok != (d.Line > 0) || ok && region["startLine"].(float64) < 1 { // 3.30.5
		t.Errorf("region %v of line %d", region, d.Line)
	}
	if col, ok := region["startColumn"]; ok && (col.(float64) < 1 || region["endColumn"].(float64) <= col.(float64)) { // 3.30.6, 3.30.8
		t.Errorf("columns of %v", region)
	}
	if s, ok := region["snippet"].(map[string]any); ok && d.Code == "P012" && s["text"] != "28/10/2026" { // 3.30.13: the region's own text
		t.Errorf("snippet %v", s)
	}
	fixes, has := r["fixes"].([]any)
	if has != (d.Fix != (site.Fix{})) {
		t.Errorf("fixes %v", fixes)
	}
	if has {
		change := only(t, only(t, r["fixes"])["artifactChanges"])                     // 3.55.3
		swap := only(t, change["replacements"])                                       // 3.56.3
		deleted := swap["deletedRegion"].(map[string]any)                             // 3.57.3
		if swap["insertedContent"].(map[string]any)["text"].(string) != d.Fix.Text || // 3.57.4
			deleted["endColumn"].(float64)-deleted["startColumn"].(float64) != float64(len([]rune(d.Fix.Old))) {
			t.Errorf("replacement %v", swap)
		}
	}
}
