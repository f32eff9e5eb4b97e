package main

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// world is all that decides which packets pass.
type world struct {
	pods       []*v1.Pod
	namespaces []*v1.Namespace
	policies   []*networking.NetworkPolicy
}

// direction is one side of a policy, seen from the pods that it selects.
type direction struct {
	name  string // of the chains
	own   string // where a packet carries the address of the selected pod
	other string // and that of the peer
}

var (
	ingress = direction{name: "ingress", own: "ip daddr", other: "ip saddr"}
	egress  = direction{name: "egress", own: "ip saddr", other: "ip daddr"}
)

// rule is what ingress and egress rules have in common.
type rule struct {
	peers []networking.NetworkPolicyPeer
	ports []networking.NetworkPolicyPort
}

// ruleset writes the nftables script that makes the policies true. It is a pure function, and the same world in another
// order gives the same text.
//
// A pod that policies select in a direction has a chain: what one of their rules allows returns from it, what is left is
// dropped. Packets from the node itself to a pod (kubelet's probes) meet neither hook; packets from a pod to the node meet
// the input hook, because the lab's servers are processes of the node.
func ruleset(w world) string {
	pods := networked(w.pods)
	policies := slices.Clone(w.policies)
	slices.SortFunc(policies, func(a, b *networking.NetworkPolicy) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	s := selector{pods: pods, namespaces: namespaceLabels(w.namespaces)}
	var chains strings.Builder
	for _, d := range []direction{egress, ingress} {
		var jumps []string
		for _, pod := range pods {
			lines, isolated := s.chain(d, pod, policies)
			if !isolated {
				continue
			}
			name := d.name + "-" + pod.Status.PodIP
			jumps = append(jumps, fmt.Sprintf("%s : jump %s", pod.Status.PodIP, name))
			writeChain(&chains, name, append(lines, "drop"))
		}
		dispatch := []string{}
		if len(jumps) > 0 {
			dispatch = append(dispatch, fmt.Sprintf("%s vmap { %s }", d.own, strings.Join(jumps, ", ")))
		}
		writeChain(&chains, d.name, dispatch)
	}
	return `table inet network-policy
delete table inet network-policy
table inet network-policy {
	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		jump egress
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state established,related accept
		jump egress
		jump ingress
	}
` + chains.String() + "}\n"
}

func writeChain(to *strings.Builder, name string, lines []string) {
	fmt.Fprintf(to, "\tchain %s {\n", name)
	for _, line := range lines {
		fmt.Fprintf(to, "\t\t%s\n", line)
	}
	to.WriteString("\t}\n")
}

// networked gives the pods that have an IPv4 address of their own, by address. A finished pod's may be another's already.
func networked(all []*v1.Pod) []*v1.Pod {
	var pods []*v1.Pod
	for _, pod := range all {
		finished := pod.Status.Phase == v1.PodSucceeded || pod.Status.Phase == v1.PodFailed
		if finished || pod.Spec.HostNetwork || !isIPv4(pod.Status.PodIP) {
			continue
		}
		pods = append(pods, pod)
	}
	slices.SortFunc(pods, func(a, b *v1.Pod) int { return strings.Compare(a.Status.PodIP, b.Status.PodIP) })
	return pods
}

func isIPv4(address string) bool { return address != "" && !strings.Contains(address, ":") }

func namespaceLabels(all []*v1.Namespace) map[string]labels.Set {
	byName := map[string]labels.Set{}
	for _, namespace := range all {
		byName[namespace.Name] = namespace.Labels
	}
	return byName
}

type selector struct {
	pods       []*v1.Pod
	namespaces map[string]labels.Set
}

// chain gives the lines that let packets pass to or from a pod, and whether any policy isolates it in that direction.
func (s selector) chain(d direction, pod *v1.Pod, policies []*networking.NetworkPolicy) (lines []string, isolated bool) {
	for _, policy := range policies {
		rules, applies := rulesOf(policy, d)
		if !applies || policy.Namespace != pod.Namespace || !matches(&policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		isolated = true
		for _, r := range rules {
			lines = append(lines, s.lines(d, pod, policy.Namespace, r)...)
		}
	}
	return slices.Compact(lines), isolated
}

func rulesOf(policy *networking.NetworkPolicy, d direction) (rules []rule, applies bool) {
	if d == egress {
		for _, r := range policy.Spec.Egress {
			rules = append(rules, rule{r.To, r.Ports})
		}
		return rules, slices.Contains(policy.Spec.PolicyTypes, networking.PolicyTypeEgress)
	}
	for _, r := range policy.Spec.Ingress {
		rules = append(rules, rule{r.From, r.Ports})
	}
	return rules, slices.Contains(policy.Spec.PolicyTypes, networking.PolicyTypeIngress)
}

// lines crosses a rule's peers with its ports; none of either means any.
func (s selector) lines(d direction, pod *v1.Pod, namespace string, r rule) (lines []string) {
	peers := []peer{{}}
	if len(r.peers) > 0 {
		peers = nil
		for _, p := range r.peers {
			peers = append(peers, s.peers(d, namespace, p)...)
		}
	}
	for _, p := range peers {
		server := pod // whose container ports a port's name is looked up in
		if d == egress {
			server = p.pod
		}
		for _, port := range portMatches(r.ports, server) {
			lines = append(lines, strings.Join(strings.Fields(p.match+" "+port+" return"), " "))
		}
	}
	return lines
}

// peer is the condition that a packet's other end fulfills; pod is set where it is one.
type peer struct {
	match string
	pod   *v1.Pod
}

func (s selector) peers(d direction, namespace string, p networking.NetworkPolicyPeer) (found []peer) {
	if p.IPBlock != nil {
		return blockPeers(d, p.IPBlock)
	}
	for _, pod := range s.pods {
		inNamespace := pod.Namespace == namespace
		if p.NamespaceSelector != nil {
			inNamespace = matches(p.NamespaceSelector, s.namespaces[pod.Namespace])
		}
		if inNamespace && (p.PodSelector == nil || matches(p.PodSelector, pod.Labels)) {
			found = append(found, peer{d.other + " " + pod.Status.PodIP, pod})
		}
	}
	return found
}

// blockPeers leaves out IPv6: the lab's pods have none.
func blockPeers(d direction, block *networking.IPBlock) []peer {
	if !isIPv4(block.CIDR) {
		return nil
	}
	match := d.other + " " + block.CIDR
	if excepted := slices.DeleteFunc(slices.Clone(block.Except), func(cidr string) bool { return !isIPv4(cidr) }); len(excepted) > 0 {
		match += fmt.Sprintf(" %s != { %s }", d.other, strings.Join(excepted, ", "))
	}
	return []peer{{match: match}}
}

// portMatches gives the conditions on protocol and port, of which one must hold; the empty one holds for every packet. A
// name that the server's containers do not have matches nothing.
func portMatches(ports []networking.NetworkPolicyPort, server *v1.Pod) (matches []string) {
	if len(ports) == 0 {
		return []string{""}
	}
	for _, port := range ports {
		protocol := v1.ProtocolTCP
		if port.Protocol != nil {
			protocol = *port.Protocol
		}
		l4 := strings.ToLower(string(protocol))
		switch {
		case port.Port == nil:
			matches = append(matches, "meta l4proto "+l4)
		case port.Port.Type == intstr.String:
			for _, number := range namedPorts(server, port.Port.StrVal, protocol) {
				matches = append(matches, fmt.Sprintf("%s dport %d", l4, number))
			}
		case port.EndPort != nil:
			matches = append(matches, fmt.Sprintf("%s dport %d-%d", l4, port.Port.IntVal, *port.EndPort))
		default:
			matches = append(matches, fmt.Sprintf("%s dport %d", l4, port.Port.IntVal))
		}
	}
	return matches
}

func namedPorts(server *v1.Pod, name string, protocol v1.Protocol) (numbers []int32) {
	if server == nil {
		return nil
	}
	for _, container := range server.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == name && (port.Protocol == protocol || port.Protocol == "" && protocol == v1.ProtocolTCP) {
				numbers = append(numbers, port.ContainerPort)
			}
		}
	}
	return numbers
}

func matches(by *metav1.LabelSelector, set labels.Set) bool {
	compiled, err := metav1.LabelSelectorAsSelector(by)
	return err == nil && compiled.Matches(set)
}
