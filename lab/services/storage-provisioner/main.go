// Command storage-provisioner gives the lab's cluster volumes of limited size: each PersistentVolumeClaim becomes an ext4
// image file on a loop device, handed to the kubelet as a local volume.
//
// A volume's data outlives the cluster: an image is found again by its claim's namespace and name, so a cluster whose etcd
// was made anew finds what its agents remembered. Nothing here erases an image.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

type options struct {
	kubeconfig, data, node, name string
}

func main() {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of the cluster")
	flag.StringVar(&o.data, "data", "", "folder of the volumes; kept when the lab goes down")
	flag.StringVar(&o.node, "node", "", "name of the node that the volumes are on")
	flag.StringVar(&o.name, "provisioner", "dobs.csi.digitalocean.com", "provisioner name of the storage classes to serve")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "storage-provisioner:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.kubeconfig == "" || o.data == "" || o.node == "" {
		return fmt.Errorf("--kubeconfig, --data and --node are needed")
	}
	ready := filepath.Join(o.data, "storage.ready")
	if err := os.Remove(ready); err != nil && !os.IsNotExist(err) {
		return err
	}
	images, err := openImages(o.data)
	if err != nil {
		return fmt.Errorf("opening %s: %w", o.data, err)
	}
	if err := images.attachAll(); err != nil {
		return fmt.Errorf("attaching the volumes in %s: %w", o.data, err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", o.kubeconfig, err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := os.WriteFile(ready, []byte(fmt.Sprintln(os.Getpid())), 0o644); err != nil {
		return err
	}
	provisioner := &provisioner{client: client, images: images, node: o.node}
	go growClaims(ctx, client, images, o.name)
	controller.NewProvisionController(ctx, client, o.name, provisioner,
		controller.LeaderElection(false), controller.Threadiness(4), controller.MetricsPort(0)).Run(ctx)
	return nil
}
