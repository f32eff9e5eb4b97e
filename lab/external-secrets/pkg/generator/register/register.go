// Package register names the generators to build in: none. See the package of the same name for providers.
package register
