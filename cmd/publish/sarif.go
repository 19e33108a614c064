package main

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher/diagnostic"
	"github.com/postil-blog/postil/site"
)

// The parts of SARIF 2.1.0 (OASIS, 27 March 2020) that a list of faults needs; the numbers are of its sections.
type (
	sarifLog struct { // 3.13
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct { // 3.14
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"` // 3.14.17: ours count characters
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct { // 3.19
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct { // 3.49
		ID      string    `json:"id"`
		Short   sarifText `json:"shortDescription"`
		Full    sarifText `json:"fullDescription"`
		Help    sarifText `json:"help"`
		HelpURI string    `json:"helpUri"`
	}
	sarifText struct { // 3.11
		Text string `json:"text"`
	}
	sarifResult struct { // 3.27
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct { // 3.28
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct { // 3.29
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLogical struct { // 3.33
		Name string `json:"fullyQualifiedName"`
	}
	sarifArtifact struct { // 3.4
		URI string `json:"uri"`
	}
	sarifRegion struct { // 3.30
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn,omitempty"`
		EndColumn   int        `json:"endColumn,omitempty"` // one beyond the last character
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifFix struct { // 3.55
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct { // 3.56
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct { // 3.57
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

// checkSARIF writes the faults as a SARIF 2.1.0 log, which code hosts and editors read.
func checkSARIF(w io.Writer, r checked) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "Postil", Version: cli.Version(), InformationURI: "https://github.com/postil-blog/postil", Rules: []sarifRule{}}
	index := map[string]int{}
	for _, d := range r.Diagnostics {
		i, known := index[d.Code]
		if !known {
			i = len(run.Tool.Driver.Rules)
			index[d.Code] = i
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(d.Code))
		}
		run.Results = append(run.Results, sarifResultOf(d, i))
	}
	return cli.JSON(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifRuleOf(code string) sarifRule {
	row, _ := diagnostic.Find(code)
	row.Code = code
	return sarifRule{ID: code, Short: sarifText{row.Name}, Full: sarifText{row.Meaning}, Help: sarifText{row.Fix}, HelpURI: row.Address()}
}

func sarifResultOf(d site.Diagnostic, rule int) sarifResult {
	text := d.Message
	for _, more := range []string{d.Label, d.Help} {
		if more != "" {
			text += "\n" + more
		}
	}
	res := sarifResult{RuleID: d.Code, RuleIndex: rule, Level: string(d.Severity), Message: sarifText{text}, Locations: []sarifLocation{{}}}
	// A fault of a variable or a flag is in no file.
	if strings.HasPrefix(d.File, "--") || strings.HasPrefix(d.File, "POSTIL_") {
		res.Locations[0].Logical = []sarifLogical{{d.File}}
		return res
	}
	at := sarifArtifact{relativeURI(d.File)}
	p := &sarifPhysical{Artifact: at}
	if d.Line > 0 {
		p.Region = &sarifRegion{StartLine: d.Line}
		if d.Col > 0 {
			p.Region.StartColumn, p.Region.EndColumn = d.Col, d.Col+max(d.Width, 1)
		}
		if d.Excerpt != "" && !strings.HasSuffix(d.Excerpt, "…") {
			p.Region.Snippet = &sarifText{string(slice([]rune(d.Excerpt), d.Col, d.Width))}
		}
	}
	res.Locations[0].Physical = p
	if f := d.Fix; f != (site.Fix{}) {
		region := sarifRegion{StartLine: f.Line, StartColumn: f.Col, EndColumn: f.Col + len([]rune(f.Old))}
		res.Fixes = []sarifFix{{sarifText{"publish check --fix"}, []sarifChange{{at, []sarifReplacement{{region, sarifText{f.Text}}}}}}}
	}
	return res
}

// slice is the part of a line that is underlined.
func slice(line []rune, col, width int) []rune {
	from := min(max(col-1, 0), len(line))
	return slices.Clone(line[from:min(from+max(width, 1), len(line))])
}

// relativeURI writes a file's name as a reference relative to the site's folder.
func relativeURI(name string) string { return (&url.URL{Path: name}).String() }
