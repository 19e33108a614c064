package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/postil-blog/postil/publisher/diagnostic"
	"github.com/postil-blog/postil/site"
)

// Manners gives a root command and all its verbs the same behaviour: -h is short and begins with examples, "help VERB" is long,
// and a typo gets one line with a suggestion, never a usage dump.
func Manners(root *cobra.Command) {
	root.SilenceUsage, root.SilenceErrors = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { short(cmd.OutOrStdout(), cmd) })
	root.SetFlagErrorFunc(flagError)
	for _, cmd := range all(root) {
		cmd.InitDefaultHelpFlag()
		cmd.Flags().Lookup("help").Hidden = true // who reads it has found it
		if cmd.Args == nil && !cmd.HasSubCommands() {
			cmd.Args = cobra.NoArgs
		} else if cmd.HasSubCommands() {
			cmd.Args = unknownCommand
		}
		if cmd.HasSubCommands() && cmd.Run == nil && cmd.RunE == nil {
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return Exit{Usage, missingVerb(cmd)} }
		}
	}
}

// all lists a command and everything beneath it.
func all(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		list = append(list, all(sub)...)
	}
	return list
}

func missingVerb(cmd *cobra.Command) error {
	return fmt.Errorf("%s what? %s   %s --help", cmd.CommandPath(), strings.Join(names(cmd), ", "), cmd.CommandPath())
}

// unknownCommand is the Args of a command with verbs: whatever is left over was meant to be one of them.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	s := fmt.Sprintf("Unknown command %q.", args[0])
	if name := suggestion(cmd, args[0]); name != "" {
		s += " Did you mean " + name + "?"
	}
	return Fail(Usage, "%s   %s --help lists all.", s, cmd.CommandPath())
}

// suggestion names the verb that a word was meant to be: one spelt nearly so, or one that other programs call so.
func suggestion(cmd *cobra.Command, word string) string {
	if name := site.Nearest(word, names(cmd)); name != "" {
		return fmt.Sprintf("%q", name)
	}
	for _, sub := range cmd.Commands() {
		if other := site.Nearest(word, sub.SuggestFor); other != "" {
			return fmt.Sprintf("%q (%s)", sub.Name(), other)
		}
	}
	return ""
}

func names(cmd *cobra.Command) []string {
	var list []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			list = append(list, sub.Name())
		}
	}
	return list
}

// flagError adds to pflag's words the flag that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	word, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return Fail(Usage, "%s   %s --help", upper(err.Error()), cmd.CommandPath())
	}
	s := fmt.Sprintf("Unknown flag --%s.", word)
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if meant := site.Nearest(word, known); meant != "" {
		s += fmt.Sprintf(" Did you mean --%s?", meant)
	}
	return Fail(Usage, "%s   %s --help", s, cmd.CommandPath())
}

// maxShort is how many lines -h has.
const maxShort = 25

// short is what -h prints: at most 25 lines, examples first. Where there are too many verbs for that, the last ones, which are the least
// used, share a line.
func short(w io.Writer, cmd *cobra.Command) {
	text := shortWith(cmd, verbs(cmd))
	if excess := strings.Count(text, "\n") - maxShort; excess > 0 && cmd.HasSubCommands() {
		text = shortWith(cmd, fewer(cmd, excess))
	}
	_, _ = io.WriteString(w, text)
}

func shortWith(cmd *cobra.Command, list string) string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s: %s\n", cmd.CommandPath(), cmd.Short)
	if cmd.Example != "" {
		fmt.Fprintf(&w, "\n%s\n", indent(cmd.Example))
	}
	if list != "" {
		fmt.Fprintf(&w, "\n%s", list)
	}
	if flags := cmd.LocalFlags().FlagUsages(); flags != "" {
		fmt.Fprintf(&w, "\n%s", flags)
	}
	fmt.Fprintf(&w, "\nMore: %s\n", more(cmd))
	return w.String()
}

// fewer is verbs with that many lines less.
func fewer(cmd *cobra.Command, less int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(verbs(cmd), "\n"), "\n")
	keep := max(0, len(lines)-less-1)
	var rest []string
	for _, line := range lines[keep:] {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		name, _, _ = strings.Cut(name, ": ")
		rest = append(rest, name)
	}
	return strings.Join(lines[:keep], "") + fmt.Sprintf("  %-14s %s\n", "also", strings.Join(rest, ", "))
}

func more(cmd *cobra.Command) string {
	s := cmd.Root().Name() + " help"
	if cmd.HasParent() {
		return s + strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name())
	}
	return s + " VERB, or one of the topics " + strings.Join(topicNames(), ", ")
}

// Together is the annotation of verbs that share one line of the list, with its value for what they do.
const Together = "together"

// verbs lists the commands beneath cmd in the order they were added; those that belong together share a line.
func verbs(cmd *cobra.Command) string {
	var b strings.Builder
	shared := map[string][]string{}
	for _, sub := range cmd.Commands() {
		shared[sub.Annotations[Together]] = append(shared[sub.Annotations[Together]], sub.Name())
	}
	for _, sub := range cmd.Commands() {
		switch what := sub.Annotations[Together]; {
		case !sub.IsAvailableCommand() || sub.Name() == "help":
		case what == "":
			fmt.Fprintf(&b, "  %-14s %s\n", sub.Name(), sub.Short)
		case shared[what][0] == sub.Name():
			fmt.Fprintf(&b, "  %s: %s\n", strings.Join(shared[what], ", "), what)
		}
	}
	return b.String()
}

// long is what "help VERB" prints: everything.
func long(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, "%s\n\n", cmd.UseLine())
	text := cmd.Long
	if text == "" {
		text = upper(cmd.Short) + "."
	}
	fmt.Fprintf(w, "%s\n", strings.TrimSpace(text))
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples\n%s\n", indent(cmd.Example))
	}
	if list := verbs(cmd); list != "" {
		fmt.Fprintf(w, "\nCommands\n%s", list)
	}
	if flags := cmd.LocalFlags().FlagUsages() + cmd.InheritedFlags().FlagUsages(); flags != "" {
		fmt.Fprintf(w, "\nFlags\n%s", flags)
	}
}

func indent(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		lines[i] = "  " + strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

// Help is the help verb: "help VERB" and "help TOPIC".
func Help() *cobra.Command {
	return &cobra.Command{
		Use:               "help [VERB or TOPIC]",
		Short:             "say more about a verb or a topic",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				short(cmd.OutOrStdout(), cmd.Root())
				return nil
			}
			if text, ok := topic(args[0]); ok && len(args) == 1 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.TrimSpace(text()))
				return err
			}
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 || found == cmd.Root() {
				return unknownTopic(cmd, args[0])
			}
			long(cmd.OutOrStdout(), found)
			return nil
		},
	}
}

func unknownTopic(cmd *cobra.Command, word string) error {
	s := fmt.Sprintf("Nothing is known about %q.", word)
	known := append(names(cmd.Root()), topicNames()...)
	for _, r := range diagnostic.All() {
		known = append(known, r.Code)
	}
	if meant := site.Nearest(word, known); meant != "" {
		s += fmt.Sprintf(" Did you mean %q?", meant)
	}
	return Fail(Usage, "%s   Topics: %s", s, strings.Join(topicNames(), ", "))
}

func completeHelp(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	words := slices.Concat(names(cmd.Root()), topicNames())
	for _, r := range diagnostic.All() {
		words = append(words, r.Code+"\t"+r.Name)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
