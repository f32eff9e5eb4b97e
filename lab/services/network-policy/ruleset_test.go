package main

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

var golden = flag.Bool("golden", false, "write the golden files anew")

func read(t *testing.T, path string) (w world) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range strings.Split(string(text), "\n---\n") {
		var kind struct{ Kind string }
		pod, namespace, policy := &v1.Pod{}, &v1.Namespace{}, &networking.NetworkPolicy{}
		into := map[string]any{"Pod": pod, "Namespace": namespace, "NetworkPolicy": policy}
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict([]byte(document), into[kind.Kind]); err != nil {
			t.Fatal(err)
		}
		switch kind.Kind {
		case "Pod":
			w.pods = append(w.pods, pod)
		case "Namespace":
			w.namespaces = append(w.namespaces, namespace)
		case "NetworkPolicy":
			w.policies = append(w.policies, policy)
		}
	}
	return w
}

func TestRulesOfTheFleet(t *testing.T) {
	rules := ruleset(read(t, "testdata/agents.yaml"))
	const path = "testdata/agents.golden.nft"
	if *golden {
		if err := os.WriteFile(path, []byte(rules), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if rules != string(wanted) {
		t.Errorf("got\n%s\nwanted\n%s", rules, wanted)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	w := read(t, "testdata/agents.yaml")
	rules := ruleset(w)
	slices.Reverse(w.pods)
	slices.Reverse(w.policies)
	if again := ruleset(w); again != rules {
		t.Errorf("got\n%s\nand\n%s", rules, again)
	}
}

func TestWithoutPoliciesEverythingPasses(t *testing.T) {
	w := read(t, "testdata/agents.yaml")
	w.policies = nil
	if rules := ruleset(w); strings.Contains(rules, "drop") {
		t.Errorf("got\n%s", rules)
	}
}
