package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// shells are those that Completion writes a script for, in the order in which they are named.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// Completion is the verb that prints a shell's completion script. The script asks the program itself, so it knows the site's own words.
func Completion(program string) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print the script with which a shell completes commands, posts, tags and handles",
		Long:  fmt.Sprintf("Prints a script for bash, zsh, fish or powershell. Once a shell has read it, Tab completes verbs, flags, and the words of the site in\nthe folder that you are in.\n\n  bash         %[1]s completion bash > ~/.local/share/bash-completion/completions/%[1]s\n  zsh          %[1]s completion zsh > \"${fpath[1]}/_%[1]s\"\n  fish         %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish\n  powershell   %[1]s completion powershell | Out-String | Invoke-Expression", program),
		Example: fmt.Sprintf(`source <(%[1]s completion bash)
%[1]s completion zsh > "${fpath[1]}/_%[1]s"
%[1]s completion fish > ~/.config/fish/completions/%[1]s.fish`, program),
		ValidArgs: shells,
		Args:      cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(out, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(out)
			case "fish":
				return cmd.Root().GenFishCompletion(out, true)
			case "powershell", "pwsh":
				return cmd.Root().GenPowerShellCompletionWithDesc(out)
			}
			return Fail(Usage, "There is no completion for %q: bash, zsh, fish or powershell", args[0])
		},
	}
}
