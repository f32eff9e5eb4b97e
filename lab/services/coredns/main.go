// Command coredns is the cluster's name server: CoreDNS with the plugins that a cluster of this project needs and no
// others, which makes it a fifth of the usual size. There is deliberately no forward plugin: no query leaves the machine.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() {
	// The order decides which plugin sees a query first; it is CoreDNS's own order (its plugin.cfg).
	dnsserver.Directives = []string{
		"reload", "bind", "health", "ready", "log", "errors", "cache", "template", "hosts", "kubernetes",
	}
	coremain.Run()
}
