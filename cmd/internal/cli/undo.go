package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Undone is what undo did about one post: one entry of its --json.
type Undone struct {
	ID      string `json:"id"`
	URL     string `json:"url"`
	Name    string `json:"name"`
	Stopped int    `json:"stopped"` // servers that it was kept from
	Left    int    `json:"left"`    // servers that have it, or may have it
	Had     bool   `json:"had"`     // the post, in this state or an earlier one, is out in the fediverse
}

// UndoFlags are those of undo, which both programs have.
type UndoFlags struct{ DryRun, JSON bool }

// Add adds them to a command.
func (f *UndoFlags) Add(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&f.DryRun, "dry-run", "n", false, "say what would be stopped and change nothing")
	cmd.Flags().BoolVar(&f.JSON, "json", false, "print one JSON object")
}

// Print writes what was undone, for people or as JSON.
func (f UndoFlags) Print(w io.Writer, list []Undone) error {
	if f.JSON {
		return JSON(w, map[string]any{"v": 1, "dryRun": f.DryRun, "posts": append([]Undone{}, list...)})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nothing to undo.")
		return err
	}
	word := "Recalled"
	if f.DryRun {
		word = "Would recall"
	}
	for _, u := range list {
		line := fmt.Sprintf("%s  %s: ", word, u.URL)
		switch {
		case !u.Had:
			line += "nobody has it; its page stays until the file is edited or withdrawn"
		case u.Stopped == 0 && u.Left == 0:
			line += "nothing waits any more: edit or withdraw it"
		case u.Stopped == 0:
			line += has(u.Left) + " already: edit or withdraw it"
		case u.Left == 0:
			line += fmt.Sprintf("the update was kept from %s; they keep what they had", Count(u.Stopped, "server"))
		default:
			line += fmt.Sprintf("kept from %s, but %s: edit or withdraw it", Count(u.Stopped, "server"), has(u.Left))
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func has(n int) string {
	if n == 1 {
		return "1 server has it"
	}
	return fmt.Sprintf("%s have it", Count(n, "server"))
}
