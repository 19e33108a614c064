package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/site"
)

// Settings finds and reads config.toml for a command: --config, else the nearest one upward; over it the environment; over
// that a flag for each setting, such as --site.url.
type Settings struct {
	file   string
	values map[string]*string
	cmd    *cobra.Command
}

// AddSettings gives a root command the flags. Those for single settings are many and hidden; "help environment" names them.
func AddSettings(root *cobra.Command) *Settings {
	s := &Settings{values: map[string]*string{}, cmd: root}
	flags := root.PersistentFlags()
	flags.StringVar(&s.file, "config", "", "the site's config.toml (default: the nearest one upward)")
	for _, key := range site.Keys() {
		if key == "format" {
			continue
		}
		s.values[key] = flags.String(key, "", "overrides "+key)
		if err := flags.MarkHidden(key); err != nil {
			panic(err) // a flag that was just made
		}
	}
	return s
}

// Load reads the settings. Faults in them come as site.Diagnostics.
func (s *Settings) Load() (*site.Config, error) {
	file, given, err := s.find()
	if err != nil {
		return nil, err
	}
	c, err := site.Load(file, os.Environ(), given)
	if isPathError(err) {
		return nil, Exit{Usage, err}
	}
	return c, err
}

// Examine is Load for a command that tells faults: see site.Examine.
func (s *Settings) Examine() (*site.Config, site.Diagnostics, error) {
	file, given, err := s.find()
	if err != nil {
		return nil, nil, err
	}
	c, faults, err := site.Examine(file, os.Environ(), given)
	if isPathError(err) {
		return nil, nil, Exit{Usage, err}
	}
	return c, faults, err
}

// find gives the file of the settings and those that flags give.
func (s *Settings) find() (file string, given map[string]string, err error) {
	if file, err = s.File(); err != nil {
		return "", nil, err
	}
	given = map[string]string{}
	for key, value := range s.values {
		if s.cmd.PersistentFlags().Changed(key) {
			given[key] = *value
		}
	}
	return file, given, nil
}

// File is the path of the settings: --config, else the nearest config.toml upward.
func (s *Settings) File() (string, error) {
	if s.file != "" {
		return s.file, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("where am I: %w", err)
	}
	return site.Find(dir)
}
