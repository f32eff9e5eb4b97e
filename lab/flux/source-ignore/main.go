// Prints the files of a folder that Flux's source-controller puts into a GitRepository's artifact: `source-ignore FOLDER`, `spec.ignore` on standard input.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxcd/pkg/sourceignore"
)

func main() {
	if err := run(filepath.Clean(os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	const separator = string(filepath.Separator)
	domain := strings.Split(folder, separator)
	patterns, err := sourceignore.LoadIgnorePatterns(folder, domain)
	if err != nil {
		return err
	}
	patterns = append(patterns, sourceignore.ReadPatterns(os.Stdin, domain)...)
	ignored := sourceignore.NewDefaultMatcher(patterns, domain)
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || ignored.Match(strings.Split(path, separator), false) {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		fmt.Println(relative)
		return err
	})
}
