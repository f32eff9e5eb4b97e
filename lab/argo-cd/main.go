// Argo CD's controllers in one program, and a Redis in memory, which they keep their cache in: `argo-cd repo-server ...`.
package main

import (
	"fmt"
	"os"

	"github.com/alicebob/miniredis/v2"
	application "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	repository "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "argo-cd"}
	for name, command := range map[string]*cobra.Command{
		"application-controller":    application.NewCommand(),
		"applicationset-controller": applicationset.NewCommand(),
		"repo-server":               repository.NewCommand(),
		"redis":                     redis(),
	} {
		command.Use = name
		root.AddCommand(command)
	}
	if err := root.Execute(); err != nil {
		os.Exit(1)
	}
}

// redis serves at the address that is its argument until it is killed.
func redis() *cobra.Command {
	return &cobra.Command{
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, arguments []string) error {
			server := miniredis.NewMiniRedis()
			if err := server.StartAddr(arguments[0]); err != nil {
				return err
			}
			fmt.Println("serving at", server.Addr())
			select {}
		},
	}
}
