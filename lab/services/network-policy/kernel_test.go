package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// node is a network namespace with a bridge, and one further namespace for each pod, as the CNI plugin `bridge` makes them.
type node struct {
	t    *testing.T
	name string
}

func newNode(t *testing.T) *node {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	n := &node{t, fmt.Sprintf("frota-np-%d", os.Getpid())}
	n.must("ip", "netns", "add", n.name)
	t.Cleanup(func() { n.must("ip", "netns", "delete", n.name) })
	n.inside("ip", "link", "set", "lo", "up")
	n.inside("ip", "link", "add", "pods0", "type", "bridge")
	n.inside("ip", "address", "add", "10.97.0.1/24", "dev", "pods0")
	n.inside("ip", "link", "set", "pods0", "up")
	n.inside("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.bridge.bridge-nf-call-iptables=1")
	n.serve(n.name)
	return n
}

// pod joins a pod with this last number of its address; it serves port 18789 and port 9999.
func (n *node) pod(number int) string {
	pod := fmt.Sprintf("%s-%d", n.name, number)
	n.must("ip", "netns", "add", pod)
	n.t.Cleanup(func() { n.must("ip", "netns", "delete", pod) })
	veth := fmt.Sprintf("pod%d", number)
	n.inside("ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", pod)
	n.inside("ip", "link", "set", veth, "master", "pods0", "up")
	n.must("ip", "-n", pod, "address", "add", fmt.Sprintf("10.97.0.%d/24", number), "dev", "eth0")
	n.must("ip", "-n", pod, "link", "set", "eth0", "up")
	n.must("ip", "-n", pod, "route", "add", "default", "via", "10.97.0.1")
	n.serve(pod)
	return pod
}

func (n *node) serve(namespace string) {
	for _, port := range []int{18789, 9999} {
		server := exec.Command("ip", "netns", "exec", namespace, "socat", fmt.Sprintf("TCP-LISTEN:%d,fork,reuseaddr", port), "SYSTEM:true")
		if err := server.Start(); err != nil {
			n.t.Fatal(err)
		}
		n.t.Cleanup(func() {
			_ = server.Process.Kill()
			_ = server.Wait()
		})
	}
}

func (n *node) must(name string, arguments ...string) {
	n.t.Helper()
	if text, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
		n.t.Fatalf("%s %s: %v: %s", name, strings.Join(arguments, " "), err, text)
	}
}

func (n *node) inside(arguments ...string) {
	n.t.Helper()
	n.must("ip", append([]string{"netns", "exec", n.name}, arguments...)...)
}

func (n *node) apply(rules string) {
	n.t.Helper()
	command := exec.Command("ip", "netns", "exec", n.name, "nft", "-f", "-")
	command.Stdin = strings.NewReader(rules)
	if text, err := command.CombinedOutput(); err != nil {
		n.t.Fatalf("nft: %v: %s", err, text)
	}
}

func (n *node) reaches(from, address string, port int) bool {
	target := fmt.Sprintf("TCP:%s:%d,connect-timeout=1", address, port)
	return exec.Command("ip", "netns", "exec", from, "socat", "-u", "/dev/null", target).Run() == nil
}

func TestKernelEnforcesTheRules(t *testing.T) {
	n := newNode(t)
	clovis, roberval, operator := n.pod(2), n.pod(3), n.pod(4)
	deadline := time.Now().Add(10 * time.Second)
	for !n.reaches(operator, "10.97.0.2", 9999) || !n.reaches(clovis, "10.97.0.1", 9999) {
		if time.Now().After(deadline) {
			t.Fatal("the pods do not reach each other without rules")
		}
	}
	n.apply(ruleset(read(t, "testdata/agents.yaml")))
	for _, c := range []struct {
		what, from, to string
		port           int
		passes         bool
	}{
		{"operator to clovis' gateway", operator, "10.97.0.2", 18789, true},
		{"operator to another port of clovis", operator, "10.97.0.2", 9999, false},
		{"roberval to clovis' gateway", roberval, "10.97.0.2", 18789, false},
		{"operator to roberval, whom nobody may reach", operator, "10.97.0.3", 18789, false},
		{"roberval, unrestricted outward, to operator", roberval, "10.97.0.4", 9999, true},
		{"clovis to a pod in a private range", clovis, "10.97.0.4", 9999, false},
		{"clovis to the node", clovis, "10.97.0.1", 9999, false},
		{"the node to clovis, as the kubelet's probes", n.name, "10.97.0.2", 9999, true},
	} {
		if passes := n.reaches(c.from, c.to, c.port); passes != c.passes {
			t.Errorf("%s: passes %t, wanted %t", c.what, passes, c.passes)
		}
	}
	w := read(t, "testdata/agents.yaml")
	w.policies = nil
	n.apply(ruleset(w))
	if !n.reaches(clovis, "10.97.0.4", 9999) {
		t.Error("a removed policy still has an effect")
	}
}
