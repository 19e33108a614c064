package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "version",
		Short:  "print the version",
		Hidden: true, // it works all the same, and the first help has to fit on a screen
		Example: `publish version
publish help
publish list`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "publish", cli.Build())
			return err
		},
	}
}
