package main

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

type provisioner struct {
	client kubernetes.Interface
	images *images
	node   string
}

// Provision makes the claim's volume, or finds the image that a claim of the same namespace and name left behind.
func (p *provisioner) Provision(ctx context.Context, o controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	if mode := o.PVC.Spec.VolumeMode; mode != nil && *mode == v1.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished, fmt.Errorf("raw block volumes are not offered")
	}
	owned := func(volume string) (bool, error) { return p.exists(ctx, volume) }
	size := o.PVC.Spec.Resources.Requests[v1.ResourceStorage]
	device, err := p.images.provide(claim{o.PVC.Namespace, o.PVC.Name}, o.PVName, size.Value(), owned)
	if err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	filesystem := v1.PersistentVolumeFilesystem
	fsType := "ext4"
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: o.PVName},
		Spec: v1.PersistentVolumeSpec{
			Capacity:                      v1.ResourceList{v1.ResourceStorage: size},
			AccessModes:                   o.PVC.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: *o.StorageClass.ReclaimPolicy,
			MountOptions:                  o.StorageClass.MountOptions,
			VolumeMode:                    &filesystem,
			NodeAffinity:                  onNode(p.node),
			PersistentVolumeSource: v1.PersistentVolumeSource{
				Local: &v1.LocalVolumeSource{Path: device, FSType: &fsType},
			},
		},
	}, controller.ProvisioningFinished, nil
}

// Delete sets the volume's image aside. It stays in the folder `released` until a person removes it.
func (p *provisioner) Delete(_ context.Context, volume *v1.PersistentVolume) error {
	return p.images.release(volume.Name)
}

func (p *provisioner) exists(ctx context.Context, volume string) (bool, error) {
	_, err := p.client.CoreV1().PersistentVolumes().Get(ctx, volume, metav1.GetOptions{})
	if errors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

func onNode(node string) *v1.VolumeNodeAffinity {
	return &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
		MatchExpressions: []v1.NodeSelectorRequirement{{
			Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{node},
		}},
	}}}}
}
