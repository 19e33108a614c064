package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Man is the hidden verb that writes the manual pages, for packagers: one for the program and one for each verb. They are made of what
// "help VERB" prints, and the same program always writes the same bytes.
func Man(program string) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "write the manual pages into a folder",
		Hidden: true,
		Example: fmt.Sprintf(`%[1]s man /usr/local/share/man/man1
%[1]s man .
man ./%[1]s.1`, program),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			n := 0
			for _, c := range all(cmd.Root()) {
				if c.Hidden {
					continue
				}
				if err := os.WriteFile(filepath.Join(args[0], manName(c)+".1"), []byte(manual(c)), 0o644); err != nil {
					return err
				}
				n++
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s to %s\n", Count(n, "page"), args[0])
			return err
		},
	}
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manual is one page in the language of man(7).
func manual(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %q 1 \"\" %q \"Postil\"\n", strings.ToUpper(manName(cmd)), "Postil "+Version())
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	text := cmd.Long
	if text == "" {
		text = upper(cmd.Short) + "."
	}
	fmt.Fprintf(&b, ".SH DESCRIPTION\n.nf\n%s\n.fi\n", roff(strings.TrimSpace(text)))
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(indent(cmd.Example)))
	}
	if list := verbs(cmd); list != "" {
		fmt.Fprintf(&b, ".SH COMMANDS\n.nf\n%s.fi\n", roff(list))
	}
	manFlags(&b, cmd)
	fmt.Fprintf(&b, ".SH EXIT STATUS\n.nf\n%s\n.fi\n", roff(strings.TrimSpace(exitCodes)))
	return b.String()
}

func manFlags(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableFlags() {
		return
	}
	b.WriteString(".SH OPTIONS\n")
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(name+" "+value)), roff(usage))
	})
}

// roff writes text so that troff shows it as it is: a backslash, a hyphen, and a point or quote at the beginning of a line mean
// something to it.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
