package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
)

// setting is one line of publish config --json.
type setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Origin string `json:"origin"` // file, env, flag or default
	At     string `json:"at,omitempty"`
}

func (a *app) configCommand() *cobra.Command {
	var origin, asJSON bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "show the settings in force, and where each came from",
		Long: `Lists every setting with the value in force. Settings come from config.toml, over it from the environment
(POSTIL_SITE_URL for site.url), over that from flags (--site.url).`,
		Example: `publish config
publish config --origin     which file and line, variable or flag
publish config --json`,
		SuggestFor: []string{"settings", "conf", "options"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			settings := allSettings(c)
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "file": c.File, "settings": settings})
			}
			for _, s := range settings {
				line := fmt.Sprintf("%-24s %-32s", s.Key, literal(s.Value))
				if origin {
					line += " " + strings.TrimSpace(s.Origin+" "+s.At)
				}
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(line, " ")); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&origin, "origin", false, "also say where each value came from")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func allSettings(c *site.Config) []setting {
	var settings []setting
	for _, key := range site.Keys() {
		value, _ := c.Value(key)
		from := c.Origin(key)
		if list, ok := value.([]string); ok && list == nil {
			value = []string{}
		}
		settings = append(settings, setting{key, secret(key, value), from.Kind, from.At})
	}
	return settings
}

// secret hides the password that a database's address may hold: this output is made to be shown to others.
func secret(key string, value any) any {
	address, ok := value.(string)
	if !ok || key != "inboxd.database" {
		return value
	}
	before, after, ok := strings.Cut(address, "@")
	scheme, user, _ := strings.Cut(before, "://")
	name, _, password := strings.Cut(user, ":")
	if !ok || !password {
		return address
	}
	return scheme + "://" + name + ":…@" + after
}

// literal writes a value as config.toml would.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = fmt.Sprintf("%q", s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return fmt.Sprint(v)
}
