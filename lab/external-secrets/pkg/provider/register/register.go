// Package register names the providers to build in. Upstream's file of this path names those of every cloud, which makes
// the program four times as large and its build four times as long.
package register

import (
	_ "github.com/external-secrets/external-secrets/pkg/provider/fake"
	_ "github.com/external-secrets/external-secrets/pkg/provider/vault"
)
