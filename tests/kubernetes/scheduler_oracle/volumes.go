package main

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	"time"
)

// atOnce is an informer that is never started: who listens to it is told what its store has, at once.
type atOnce struct{ cache.SharedIndexInformer }

func (i atOnce) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	for _, one := range i.GetStore().List() {
		handler.OnAdd(one, true)
	}
	return i.SharedIndexInformer.AddEventHandler(handler)
}
func (i atOnce) AddEventHandlerWithOptions(handler cache.ResourceEventHandler, options cache.HandlerOptions) (cache.ResourceEventHandlerRegistration, error) {
	for _, one := range i.GetStore().List() {
		handler.OnAdd(one, true)
	}
	return i.SharedIndexInformer.AddEventHandlerWithOptions(handler, options)
}
func (i atOnce) AddEventHandlerWithResyncPeriod(handler cache.ResourceEventHandler, resync time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	return i.AddEventHandlerWithOptions(handler, cache.HandlerOptions{ResyncPeriod: &resync})
}

func fillStorage(factory informers.SharedInformerFactory, w *world) {
	byNamespace := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	claims := factory.InformerFor(&v1.PersistentVolumeClaim{}, func(clientset.Interface, time.Duration) cache.SharedIndexInformer {
		return atOnce{cache.NewSharedIndexInformer(&cache.ListWatch{}, &v1.PersistentVolumeClaim{}, 0, byNamespace)}
	})
	volumes := factory.InformerFor(&v1.PersistentVolume{}, func(clientset.Interface, time.Duration) cache.SharedIndexInformer {
		return atOnce{cache.NewSharedIndexInformer(&cache.ListWatch{}, &v1.PersistentVolume{}, 0, cache.Indexers{})}
	})
	storage := factory.Storage().V1()
	for _, one := range w.Claims {
		check(claims.GetStore().Add(one))
	}
	for _, one := range w.Volumes {
		check(volumes.GetStore().Add(one))
	}
	for _, one := range w.StorageClasses {
		check(storage.StorageClasses().Informer().GetStore().Add(one))
	}
	for _, one := range w.CsiNodes {
		check(storage.CSINodes().Informer().GetStore().Add(one))
	}
	for _, one := range w.CsiDrivers {
		check(storage.CSIDrivers().Informer().GetStore().Add(one))
	}
	for _, one := range w.Capacities {
		check(storage.CSIStorageCapacities().Informer().GetStore().Add(one))
	}
}

const driver, zoneKey = "csi.example.com", "topology.kubernetes.io/zone"

// storage draws classes, volumes and claims, and what the nodes' drivers can attach.
func (s *source) storage(w *world) {
	w.StorageClasses = []*storagev1.StorageClass{
		{ObjectMeta: metav1.ObjectMeta{Name: "now", UID: "sc-now"}, Provisioner: driver, VolumeBindingMode: ptr.To(storagev1.VolumeBindingImmediate)},
		{ObjectMeta: metav1.ObjectMeta{Name: "later", UID: "sc-later"}, Provisioner: driver, VolumeBindingMode: ptr.To(storagev1.VolumeBindingWaitForFirstConsumer)},
		{ObjectMeta: metav1.ObjectMeta{Name: "local", UID: "sc-local"}, Provisioner: "kubernetes.io/no-provisioner", VolumeBindingMode: ptr.To(storagev1.VolumeBindingWaitForFirstConsumer)},
	}
	if s.one(0.4) {
		w.StorageClasses[1].AllowedTopologies = []v1.TopologySelectorTerm{{MatchLabelExpressions: []v1.TopologySelectorLabelRequirement{{Key: zoneKey, Values: some(s, 2, zones...)}}}}
	}
	if s.one(0.6) {
		w.CsiDrivers = []*storagev1.CSIDriver{{ObjectMeta: metav1.ObjectMeta{Name: driver, UID: "driver"}, Spec: storagev1.CSIDriverSpec{StorageCapacity: ptr.To(s.one(0.7))}}}
		for i, zone := range zones {
			if s.one(0.8) {
				capacity := &storagev1.CSIStorageCapacity{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprintf("cap%d", i), UID: types.UID(fmt.Sprintf("cap-%d", i))},
					StorageClassName: "later", NodeTopology: &metav1.LabelSelector{MatchLabels: map[string]string{zoneKey: zone}},
					Capacity: ptr.To(amount("%dGi", pick(s, 0, 1, 10, 100)))}
				if s.one(0.3) {
					capacity.MaximumVolumeSize = ptr.To(amount("%dGi", pick(s, 1, 5)))
				}
				w.Capacities = append(w.Capacities, capacity)
			}
		}
	}
	for _, node := range w.Nodes {
		if !s.one(0.8) {
			continue
		}
		one := &storagev1.CSINode{ObjectMeta: metav1.ObjectMeta{Name: node.Name, UID: types.UID("csi-" + node.Name)}}
		if s.one(0.9) {
			on := storagev1.CSINodeDriver{Name: driver, NodeID: node.Name, TopologyKeys: []string{zoneKey}}
			if s.one(0.7) {
				on.Allocatable = &storagev1.VolumeNodeResources{Count: ptr.To(int32(s.Intn(4)))}
			}
			one.Spec.Drivers = append(one.Spec.Drivers, on)
		}
		w.CsiNodes = append(w.CsiNodes, one)
	}
	for i := 0; i < 8; i++ {
		s.volume(w, i)
	}
	for i := 0; i < 4; i++ { // claims without a volume yet
		claim := s.claim(w, fmt.Sprintf("free%d", i), pick(s, "now", "later", "later", "local", "local", "gone"))
		w.Claims = append(w.Claims, claim)
	}
}

func (s *source) claim(w *world, name, class string) *v1.PersistentVolumeClaim {
	return &v1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: pick(s, spaces...), Name: name, UID: types.UID("pvc-" + name)},
		Spec: v1.PersistentVolumeClaimSpec{StorageClassName: &class,
			AccessModes: []v1.PersistentVolumeAccessMode{pick(s, v1.ReadWriteOnce, v1.ReadWriteOnce, v1.ReadWriteMany, v1.ReadWriteOncePod)},
			VolumeMode:  ptr.To(v1.PersistentVolumeFilesystem),
			Resources:   v1.VolumeResourceRequirements{Requests: v1.ResourceList{v1.ResourceStorage: amount("%dGi", pick(s, 1, 2, 5))}}},
		Status: v1.PersistentVolumeClaimStatus{Phase: v1.ClaimPending}}
}

func (s *source) volume(w *world, number int) {
	name := fmt.Sprintf("v%d", number)
	volume := &v1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("pv-" + name)},
		Spec: v1.PersistentVolumeSpec{Capacity: v1.ResourceList{v1.ResourceStorage: amount("%dGi", number+1)},
			AccessModes:      []v1.PersistentVolumeAccessMode{v1.ReadWriteOnce, v1.ReadWriteMany, v1.ReadWriteOncePod},
			StorageClassName: pick(s, "local", "local", "later"), VolumeMode: ptr.To(v1.PersistentVolumeFilesystem)},
		Status: v1.PersistentVolumeStatus{Phase: v1.VolumeAvailable}}
	if s.one(0.6) {
		volume.Spec.CSI = &v1.CSIPersistentVolumeSource{Driver: driver, VolumeHandle: name}
	} else {
		volume.Spec.Local = &v1.LocalVolumeSource{Path: "/" + name}
	}
	if s.one(0.6) {
		key, values := zoneKey, some(s, 2, zones...)
		if s.one(0.4) {
			key, values = "kubernetes.io/hostname", some(s, 3, "n00", "n01", "n02", "n03")
		}
		volume.Spec.NodeAffinity = &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
			MatchExpressions: []v1.NodeSelectorRequirement{{Key: key, Operator: v1.NodeSelectorOpIn, Values: values}}}}}}
	}
	if s.one(0.2) {
		volume.Labels = map[string]string{zoneKey: pick(s, "za", "zb", "za__zb")}
	}
	if s.one(0.6) {
		claim := s.claim(w, "of-"+name, volume.Spec.StorageClassName)
		claim.Annotations = map[string]string{"pv.kubernetes.io/bind-completed": "yes"}
		claim.Spec.VolumeName, claim.Status.Phase = name, v1.ClaimBound
		claim.Spec.Resources.Requests[v1.ResourceStorage] = resource.MustParse("1Gi")
		volume.Spec.ClaimRef = &v1.ObjectReference{Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID}
		volume.Status.Phase = v1.VolumeBound
		w.Claims = append(w.Claims, claim)
	}
	w.Volumes = append(w.Volumes, volume)
}

// disks gives the pod volumes; a pod that runs has bound claims only.
func (s *source) disks(w *world, pod *v1.Pod, runs bool) {
	add := func(source v1.VolumeSource) {
		pod.Spec.Volumes = append(pod.Spec.Volumes, v1.Volume{Name: fmt.Sprintf("d%d", len(pod.Spec.Volumes)), VolumeSource: source})
	}
	var claims []*v1.PersistentVolumeClaim
	for _, claim := range w.Claims {
		if !runs || claim.Spec.VolumeName != "" && !s.taken[claim.Name] {
			claims = append(claims, claim)
		}
	}
	for i, order := 0, s.Perm(len(claims)); i < len(order) && i < 3; i++ {
		if claim := claims[order[i]]; s.one(0.6) && (len(pod.Spec.Volumes) == 0 || claim.Namespace == pod.Namespace) {
			pod.Namespace = claim.Namespace
			s.taken[claim.Name] = runs && claim.Spec.AccessModes[0] == v1.ReadWriteOncePod
			add(v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: claim.Name}})
		}
	}
	if s.one(0.2) {
		add(v1.VolumeSource{GCEPersistentDisk: &v1.GCEPersistentDiskVolumeSource{PDName: pick(s, "g1", "g2"), ReadOnly: s.one(0.5)}})
	}
	if s.one(0.1) {
		add(v1.VolumeSource{AWSElasticBlockStore: &v1.AWSElasticBlockStoreVolumeSource{VolumeID: pick(s, "a1", "a2")}})
	}
	if s.one(0.1) {
		add(v1.VolumeSource{ISCSI: &v1.ISCSIVolumeSource{TargetPortal: "10.0.0.9", IQN: pick(s, "q1", "q2"), ReadOnly: s.one(0.5)}})
	}
	if s.one(0.1) {
		add(v1.VolumeSource{RBD: &v1.RBDVolumeSource{CephMonitors: some(s, 2, "m1", "m2", "m3"), RBDImage: pick(s, "r1", "r2"), RBDPool: "rbd", ReadOnly: s.one(0.5)}})
	}
	if s.one(0.03) {
		add(v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: "missing"}})
	}
}
