// Command network-policy enforces NetworkPolicies on the lab's only node: it turns them, with the pods and namespaces that
// they select, into one nftables table, and replaces that table as a whole whenever its content would change. The engines
// that clusters usually run for this cannot be had as Go modules (docs/decisions/0002-lab-components.md).
//
// A pod is restricted from the moment at which the API server knows its address, a moment after it starts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// bridgeFilter makes the kernel show packets between pods of one bridge to the forward chain.
const bridgeFilter = "/proc/sys/net/bridge/bridge-nf-call-iptables"

// settle gathers the events of one change, such as a rollout's, into one replacement.
const settle = 20 * time.Millisecond

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the cluster")
	ready := flag.String("ready", "", "file to write once the policies are enforced")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *ready); err != nil {
		fmt.Fprintln(os.Stderr, "network-policy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, ready string) error {
	if ready != "" {
		if err := os.Remove(ready); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	if err := filterBridges(); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading the kubeconfig: %w", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	changed, observe, err := watch(factory)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return enforce(ctx, changed, observe, ready)
}

// filterBridges fails where the kernel cannot do it: policies between pods would be silently without effect.
func filterBridges() error {
	if _, err := os.Stat(bridgeFilter); os.IsNotExist(err) {
		_ = exec.Command("modprobe", "br_netfilter").Run()
	}
	if err := os.WriteFile(bridgeFilter, []byte("1"), 0); err != nil {
		return fmt.Errorf("the kernel module br_netfilter is needed: %w", err)
	}
	return nil
}

// watch returns a channel that gets something after every change, and a function that tells what is there now.
func watch(factory informers.SharedInformerFactory) (<-chan struct{}, func() (world, error), error) {
	pods := factory.Core().V1().Pods()
	namespaces := factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { notify() },
		UpdateFunc: func(any, any) { notify() },
		DeleteFunc: func(any) { notify() },
	}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return nil, nil, err
		}
	}
	notify() // a cluster without any policy is enforced as well
	return changed, func() (w world, err error) {
		if w.pods, err = pods.Lister().List(labels.Everything()); err != nil {
			return w, err
		}
		if w.namespaces, err = namespaces.Lister().List(labels.Everything()); err != nil {
			return w, err
		}
		w.policies, err = policies.Lister().List(labels.Everything())
		return w, err
	}, nil
}

func enforce(ctx context.Context, changed <-chan struct{}, observe func() (world, error), ready string) error {
	retry := make(chan struct{}, 1)
	applied := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			time.Sleep(settle)
		case <-retry:
		}
		w, err := observe()
		if err != nil {
			return err
		}
		wanted := ruleset(w)
		if wanted == applied {
			continue
		}
		if err := replace(wanted); err != nil {
			fmt.Fprintln(os.Stderr, "replacing the rules:", err)
			time.AfterFunc(time.Second, func() { retry <- struct{}{} })
			continue
		}
		if applied == "" && ready != "" {
			if err := os.WriteFile(ready, []byte(fmt.Sprintln(os.Getpid())), 0o644); err != nil {
				return err
			}
		}
		applied = wanted
	}
}

// replace runs one nftables transaction: all of it takes effect at once, or nothing.
func replace(rules string) error {
	command := exec.Command("nft", "-f", "-")
	command.Stdin = strings.NewReader(rules)
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, strings.TrimSpace(string(text)))
	}
	return nil
}
