package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
)

const provisionedBy = "pv.kubernetes.io/provisioned-by"

// growClaims enlarges a bound volume when its claim asks for more (the API server lets it only where the storage class
// allows expansion), and asks again every few seconds while that cannot be done. The volume's new capacity tells the kubelet to enlarge the mounted file system and to report it.
func growClaims(ctx context.Context, client kubernetes.Interface, images *images, provisioner string) {
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typed.EventSinkImpl{Interface: client.CoreV1().Events("")})
	recorder := broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: provisioner})
	factory := informers.NewSharedInformerFactory(client, 5*time.Second)
	volumes := factory.Core().V1().PersistentVolumes().Lister()
	grow := func(object any) {
		pvc, ok := object.(*v1.PersistentVolumeClaim)
		if !ok || pvc.Status.Phase != v1.ClaimBound {
			return
		}
		volume, err := volumes.Get(pvc.Spec.VolumeName)
		if err != nil || volume.Annotations[provisionedBy] != provisioner {
			return
		}
		wanted := pvc.Spec.Resources.Requests[v1.ResourceStorage]
		if has := volume.Spec.Capacity[v1.ResourceStorage]; wanted.Cmp(has) <= 0 {
			return
		}
		err = images.grow(volume.Name, wanted.Value())
		if err == nil {
			patch := fmt.Appendf(nil, `{"spec":{"capacity":{"storage":%q}}}`, wanted.String())
			_, err = client.CoreV1().PersistentVolumes().Patch(ctx, volume.Name, types.MergePatchType, patch, metav1.PatchOptions{})
		}
		if errors.Is(err, errMounted) {
			recorder.Event(pvc, v1.EventTypeNormal, "WaitingForUnmount", err.Error())
			return
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "growing volume %s of claim %s/%s: %v\n", volume.Name, pvc.Namespace, pvc.Name, err)
		}
	}
	_, err := factory.Core().V1().PersistentVolumeClaims().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    grow,
		UpdateFunc: func(_, after any) { grow(after) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "watching claims:", err)
		return
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
}
