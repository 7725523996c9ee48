package main

import (
	"fmt"
	"math/rand"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// source draws a world. How likely each trait is, is drawn once for every world, so that some have much of it and most none.
type source struct {
	*rand.Rand
	level map[string]float64
	born  time.Time
	taken map[string]bool               // ReadWriteOncePod claims that a running pod uses: nobody else can
	held  map[string][]v1.ContainerPort // host ports, by node: two pods that run there cannot have the same
	roomy int                           // how much larger than the pods the nodes are
}

var traits = []string{"taints", "tolerations", "selector", "nodeAffinity", "ports", "affinity", "spread", "images", "full", "priority",
	"extended", "init", "podLevel", "overhead", "leaving", "owners", "budgets", "never", "volumes"}

func (s *source) has(trait string) bool { return s.Float64() < s.level[trait] }
func (s *source) one(p float64) bool    { return s.Float64() < p }

func pick[T any](s *source, list ...T) T { return list[s.Intn(len(list))] }

func some[T any](s *source, most int, list ...T) []T { // at least one, each at most once
	order := s.Perm(len(list))[:1+s.Intn(most)]
	var out []T
	for _, i := range order {
		out = append(out, list[i])
	}
	return out
}

func amount(text string, args ...any) resource.Quantity {
	return resource.MustParse(fmt.Sprintf(text, args...))
}

var (
	zones    = []string{"za", "zb", "zc"}
	apps     = []string{"a", "b", "c"}
	spaces   = []string{"default", "blue", "red"}
	images   = []string{"one", "two:v1", "registry.example.com/three:v2", "four@sha256:0000000000000000000000000000000000000000000000000000000000000004"}
	topology = []string{"zone", "kubernetes.io/hostname", "rack", "topology.kubernetes.io/zone"}
)

const gpu, fpga, pages = v1.ResourceName("example.com/gpu"), v1.ResourceName("example.com/fpga"), v1.ResourceName("hugepages-2Mi")

func randomWorld(seed int64, number int) *world {
	s := &source{Rand: rand.New(rand.NewSource(seed*1_000_003 + int64(number))), level: map[string]float64{},
		born: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), roomy: 1, taken: map[string]bool{}, held: map[string][]v1.ContainerPort{}}
	for _, trait := range traits {
		if s.one(0.4) {
			s.level[trait] = pick(s, 0.1, 0.3, 0.7, 1)
		}
	}
	if s.one(0.3) { // most nodes would do if others left
		for _, trait := range []string{"taints", "selector", "nodeAffinity", "podLevel", "extended", "spread", "affinity"} {
			s.level[trait] *= pick(s, 0, 0.2, 1)
		}
		s.level["priority"], s.level["full"] = 1, 1
	} else if s.one(0.7) {
		s.roomy = 6
	}
	w := &world{Seed: fmt.Sprintf("%d/%d", seed, number)}
	for i, n := 0, 1+s.Intn(pick(s, 4, 12, 30)); i < n; i++ {
		w.Nodes = append(w.Nodes, s.node(fmt.Sprintf("n%02d", i)))
	}
	for _, name := range spaces {
		space := &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/metadata.name": name}}}
		if s.one(0.7) {
			space.Labels["team"] = pick(s, "x", "y")
		}
		w.Namespaces = append(w.Namespaces, space)
	}
	if s.has("owners") {
		s.owners(w)
	}
	if s.level["volumes"] > 0 {
		s.storage(w)
	}
	pods := s.Intn(pick(s, 3, 20, 60))
	if s.has("full") {
		pods = len(w.Nodes) * (2 + s.Intn(3))
	}
	for i := 0; i < pods; i++ {
		pod := s.pod(w, fmt.Sprintf("p%02d", i))
		if s.has("volumes") && len(pod.OwnerReferences) == 0 {
			s.disks(w, pod, true)
		}
		pod.Spec.NodeName = pick(s, w.Nodes...).Name
		s.keepFreePorts(pod)
		pod.Status.Phase = v1.PodRunning
		if s.one(0.05) {
			pod.Status.Phase = pick(s, v1.PodSucceeded, v1.PodPending)
		}
		pod.Status.StartTime = ptr.To(metav1.NewTime(s.born.Add(time.Duration(s.Perm(5000)[0]*100+i) * time.Second)))
		if s.has("leaving") {
			pod.DeletionTimestamp = ptr.To(metav1.NewTime(s.born.Add(1000000 * time.Second)))
			pod.DeletionGracePeriodSeconds = ptr.To(int64(30))
		}
		w.Pods = append(w.Pods, pod)
	}
	w.Pod = s.pod(w, "asked")
	if s.level["volumes"] > 0 && len(w.Pod.OwnerReferences) == 0 {
		s.disks(w, w.Pod, false)
	}
	if s.has("priority") {
		w.Pod.Spec.Priority = ptr.To(pick[int32](s, 5, 50, 1000))
	}
	if s.has("never") {
		w.Pod.Spec.PreemptionPolicy = ptr.To(v1.PreemptNever)
	}
	if s.has("budgets") {
		for i, n := 0, 1+s.Intn(3); i < n; i++ {
			w.Budgets = append(w.Budgets, s.budget(i, w.Pods))
		}
	}
	return w
}

func (s *source) node(name string) *v1.Node {
	node := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("node-" + name), Labels: map[string]string{}}}
	for _, key := range topology {
		if s.one(0.9) {
			node.Labels[key] = pick(s, zones...)
			if key == "kubernetes.io/hostname" {
				node.Labels[key] = name
			}
		}
	}
	if s.one(0.7) {
		node.Labels["disk"] = pick(s, "ssd", "hdd")
	}
	if s.one(0.7) {
		node.Labels["gen"] = pick(s, "1", "2", "3", "10", "x", "")
	}
	there := v1.ResourceList{v1.ResourceCPU: amount("%dm", pick(s, 500, 1000, 2000, 3900, 8000)*s.roomy),
		v1.ResourceMemory: amount("%dMi", pick(s, 512, 1024, 3000, 8192)*s.roomy), v1.ResourcePods: amount("%d", pick(s, 2, 4, 20, 110))}
	if s.one(0.5) {
		there[v1.ResourceEphemeralStorage] = amount("%dGi", pick(s, 1, 10))
	}
	if s.has("extended") {
		there[gpu] = amount("%d", pick(s, 0, 1, 4, 8))
	}
	if s.has("extended") {
		there[pages] = amount("%dMi", pick(s, 2, 64))
	}
	node.Status.Allocatable, node.Status.Capacity = there, there
	node.Status.Conditions = []v1.NodeCondition{{Type: v1.NodeReady, Status: v1.ConditionTrue}}
	for i := 0; i < 2; i++ {
		if s.has("taints") {
			node.Spec.Taints = append(node.Spec.Taints, v1.Taint{Key: fmt.Sprintf("k%d", i+1), Value: pick(s, "", "v1", "5"),
				Effect: pick(s, v1.TaintEffectNoSchedule, v1.TaintEffectPreferNoSchedule, v1.TaintEffectPreferNoSchedule, v1.TaintEffectNoExecute)})
		}
	}
	if s.one(0.05) {
		node.Spec.Unschedulable = true
		if s.one(0.7) {
			node.Spec.Taints = append(node.Spec.Taints, v1.Taint{Key: v1.TaintNodeUnschedulable, Effect: v1.TaintEffectNoSchedule})
		}
	}
	for _, image := range images {
		if s.has("images") {
			list := []string{image}
			if s.one(0.3) {
				list = append(list, "other/"+image)
			}
			if image == "one" {
				list = append(list, "one:latest")
			}
			node.Status.Images = append(node.Status.Images, v1.ContainerImage{Names: list, SizeBytes: int64(pick(s, 1, 20, 24, 100, 700, 1500)) << 20})
		}
	}
	return node
}

func (s *source) labels() map[string]string {
	out := map[string]string{}
	if s.one(0.8) {
		out["app"] = pick(s, apps...)
	}
	if s.one(0.4) {
		out["rev"] = pick(s, "1", "2")
	}
	return out
}

func (s *source) selector() *metav1.LabelSelector {
	switch s.Intn(12) {
	case 0:
		return nil
	case 1:
		return &metav1.LabelSelector{}
	case 2, 3, 4:
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{s.requirement()}}
	case 5:
		return &metav1.LabelSelector{MatchLabels: map[string]string{"rev": pick(s, "1", "2")},
			MatchExpressions: []metav1.LabelSelectorRequirement{s.requirement()}}
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": pick(s, apps...)}}
}

func (s *source) requirement() metav1.LabelSelectorRequirement {
	switch s.Intn(4) {
	case 0:
		return metav1.LabelSelectorRequirement{Key: "app", Operator: metav1.LabelSelectorOpIn, Values: some(s, 3, apps...)}
	case 1:
		return metav1.LabelSelectorRequirement{Key: "app", Operator: metav1.LabelSelectorOpNotIn, Values: some(s, 2, apps...)}
	case 2:
		return metav1.LabelSelectorRequirement{Key: "rev", Operator: metav1.LabelSelectorOpExists}
	}
	return metav1.LabelSelectorRequirement{Key: pick(s, "rev", "app"), Operator: metav1.LabelSelectorOpDoesNotExist}
}

func (s *source) nodeTerm() v1.NodeSelectorTerm {
	var term v1.NodeSelectorTerm
	for i, n := 0, s.Intn(3); i < n; i++ {
		expr := v1.NodeSelectorRequirement{Key: pick(s, "disk", "gen", "zone", "none")}
		switch s.Intn(6) {
		case 0:
			expr.Operator, expr.Values = v1.NodeSelectorOpIn, some(s, 3, "ssd", "hdd", "za", "zb", "1", "10")
		case 1:
			expr.Operator, expr.Values = v1.NodeSelectorOpNotIn, some(s, 2, "ssd", "hdd", "za", "zb", "1", "10")
		case 2:
			expr.Operator = v1.NodeSelectorOpExists
		case 3:
			expr.Operator = v1.NodeSelectorOpDoesNotExist
		case 4:
			expr.Key, expr.Operator, expr.Values = "gen", v1.NodeSelectorOpGt, []string{pick(s, "0", "1", "2", "5")}
		case 5:
			expr.Key, expr.Operator, expr.Values = "gen", v1.NodeSelectorOpLt, []string{pick(s, "2", "3", "11")}
		}
		term.MatchExpressions = append(term.MatchExpressions, expr)
	}
	if s.one(0.15) {
		term.MatchFields = []v1.NodeSelectorRequirement{{Key: "metadata.name",
			Operator: pick(s, v1.NodeSelectorOpIn, v1.NodeSelectorOpNotIn, v1.NodeSelectorOpNotIn), Values: []string{fmt.Sprintf("n%02d", s.Intn(6))}}}
	}
	return term
}

func (s *source) requests(least int) v1.ResourceList {
	out := v1.ResourceList{}
	if s.one(0.8) {
		out[v1.ResourceCPU] = amount("%dm", pick(s, 50, 100, 333, 500, 1000))
	}
	if s.one(0.7) {
		out[v1.ResourceMemory] = amount("%d%s", pick(s, 10, 100, 200, 511), pick(s, "Mi", "Mi", "M"))
	}
	if s.one(0.1) {
		out[v1.ResourceEphemeralStorage] = amount("%dMi", pick(s, 100, 600))
	}
	return out
}

func (s *source) container(name string) v1.Container {
	c := v1.Container{Name: name, Image: pick(s, images...), Resources: v1.ResourceRequirements{Requests: s.requests(0)}}
	if s.one(0.1) {
		c.Image = "none:there"
	}
	if s.has("extended") && s.one(0.5) {
		name, count := pick(s, gpu, gpu, fpga, pages), amount("%d", 1+s.Intn(2))
		if name == pages {
			count = amount("%dMi", pick(s, 2, 4, 32))
		}
		c.Resources.Requests[name] = count
		c.Resources.Limits = v1.ResourceList{name: count}
	}
	if s.one(0.1) { // limits alone become requests
		c.Resources.Limits = s.requests(1)
		for name := range c.Resources.Limits {
			delete(c.Resources.Requests, name)
		}
	}
	for i := 0; i < 2; i++ {
		if s.has("ports") && s.one(0.4) {
			c.Ports = append(c.Ports, v1.ContainerPort{ContainerPort: 80, HostPort: int32(pick(s, 0, 8080, 8081)),
				Protocol: pick(s, v1.ProtocolTCP, v1.ProtocolTCP, v1.ProtocolUDP, ""), HostIP: pick(s, "", "", "0.0.0.0", "10.0.0.1", "10.0.0.2")})
		}
	}
	return c
}

func (s *source) pod(w *world, name string) *v1.Pod {
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: pick(s, "default", "default", "blue", "red"), Name: name,
		UID: types.UID("pod-" + name), Labels: s.labels(), CreationTimestamp: metav1.NewTime(s.born)}}
	spec := &pod.Spec
	spec.SchedulerName = v1.DefaultSchedulerName
	spec.Priority = ptr.To(int32(0))
	if s.has("priority") {
		spec.Priority = ptr.To(pick[int32](s, -10, -5, 1, 2, 20, 500))
	}
	for i, n := 0, 1+s.Intn(2); i < n; i++ {
		spec.Containers = append(spec.Containers, s.container(fmt.Sprintf("c%d", i)))
	}
	if s.has("init") {
		for i, n := 0, 1+s.Intn(3); i < n; i++ {
			c := s.container(fmt.Sprintf("i%d", i))
			if s.one(0.5) {
				c.RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
			} else {
				c.Ports = nil
			}
			spec.InitContainers = append(spec.InitContainers, c)
		}
	}
	if s.has("overhead") {
		spec.Overhead = v1.ResourceList{v1.ResourceCPU: amount("%dm", pick(s, 10, 250)), v1.ResourceMemory: amount("20Mi")}
	}
	if s.has("podLevel") {
		s.podLevel(spec)
	}
	s.nodeChoice(spec)
	for i := 0; i < 2; i++ {
		if s.has("tolerations") {
			spec.Tolerations = append(spec.Tolerations, s.toleration())
		}
	}
	s.company(pod)
	if s.has("spread") {
		for _, key := range some(s, 2, topology...) {
			spec.TopologySpreadConstraints = append(spec.TopologySpreadConstraints, s.spread(pod, key))
		}
	}
	if len(w.ReplicaSets) > 0 && s.one(0.5) {
		set := pick(s, w.ReplicaSets...)
		pod.Namespace = set.Namespace
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: set.Name, UID: set.UID, Controller: ptr.To(true)}}
	} else if len(w.Controllers) > 0 && s.one(0.3) {
		set := w.Controllers[0]
		pod.Namespace = set.Namespace
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ReplicationController", Name: set.Name, UID: set.UID, Controller: ptr.To(true)}}
	} else if len(w.StatefulSets) > 0 && s.one(0.3) {
		set := pick(s, w.StatefulSets...)
		pod.Namespace = set.Namespace
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: set.Name, UID: set.UID, Controller: ptr.To(true)}}
	}
	return pod
}

// podLevel states more than the containers ask for together, as the API server demands.
func (s *source) podLevel(spec *v1.PodSpec) {
	spec.Resources = &v1.ResourceRequirements{Requests: v1.ResourceList{}}
	if s.one(0.7) {
		spec.Resources.Requests[v1.ResourceCPU] = amount("%dm", pick(s, 3000, 3500))
		if s.one(0.5) {
			spec.Resources.Limits = v1.ResourceList{v1.ResourceCPU: amount("4")}
		}
	}
	if s.one(0.5) {
		spec.Resources.Requests[v1.ResourceMemory] = amount("%dMi", pick(s, 1600, 2000))
	}
}

func (s *source) nodeChoice(spec *v1.PodSpec) {
	if s.has("selector") && s.one(0.5) {
		key := pick(s, "disk", "zone")
		spec.NodeSelector = map[string]string{key: pick(s, "ssd", "hdd")}
		if key == "zone" {
			spec.NodeSelector[key] = pick(s, zones...)
		}
	}
	var affinity v1.NodeAffinity
	if s.has("nodeAffinity") && s.one(0.5) {
		required := &v1.NodeSelector{}
		for i, n := 0, 1+s.Intn(3); i < n; i++ {
			required.NodeSelectorTerms = append(required.NodeSelectorTerms, s.nodeTerm())
		}
		affinity.RequiredDuringSchedulingIgnoredDuringExecution = required
	}
	for i := 0; i < 3; i++ {
		if s.has("nodeAffinity") && s.one(0.5) {
			affinity.PreferredDuringSchedulingIgnoredDuringExecution = append(affinity.PreferredDuringSchedulingIgnoredDuringExecution,
				v1.PreferredSchedulingTerm{Weight: int32(1 + s.Intn(100)), Preference: s.nodeTerm()})
		}
	}
	if affinity.RequiredDuringSchedulingIgnoredDuringExecution != nil || affinity.PreferredDuringSchedulingIgnoredDuringExecution != nil {
		spec.Affinity = &v1.Affinity{NodeAffinity: &affinity}
	}
}

func (s *source) toleration() v1.Toleration {
	effect := pick(s, "", "", v1.TaintEffectNoSchedule, v1.TaintEffectPreferNoSchedule, v1.TaintEffectNoExecute)
	switch s.Intn(6) {
	case 0:
		return v1.Toleration{Operator: v1.TolerationOpExists, Effect: effect}
	case 1:
		return v1.Toleration{Key: pick(s, "k1", "k2"), Operator: v1.TolerationOpExists, Effect: effect}
	case 2:
		return v1.Toleration{Key: v1.TaintNodeUnschedulable, Operator: v1.TolerationOpExists, Effect: effect}
	case 3:
		return v1.Toleration{Key: pick(s, "k1", "k2"), Value: pick(s, "", "v1", "5"), Effect: effect}
	}
	return v1.Toleration{Key: pick(s, "k1", "k2"), Operator: v1.TolerationOpEqual, Value: pick(s, "", "v1", "5"), Effect: effect}
}

func (s *source) term(pod *v1.Pod) v1.PodAffinityTerm {
	term := v1.PodAffinityTerm{LabelSelector: s.selector(), TopologyKey: pick(s, topology...)}
	if s.one(0.2) {
		term.Namespaces = some(s, 2, spaces...)
	}
	if s.one(0.25) {
		term.NamespaceSelector = pick(s, &metav1.LabelSelector{}, &metav1.LabelSelector{MatchLabels: map[string]string{"team": "x"}},
			&metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: metav1.LabelSelectorOpDoesNotExist}}},
			&metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"y"}}}})
	}
	if rev, there := pod.Labels["rev"]; term.LabelSelector != nil && s.one(0.2) { // as the API server merges it
		operator := metav1.LabelSelectorOpIn
		if s.one(0.5) {
			operator = metav1.LabelSelectorOpNotIn
			term.MismatchLabelKeys = []string{"rev"}
		} else {
			term.MatchLabelKeys = []string{"rev"}
		}
		if there {
			term.LabelSelector.MatchExpressions = append(term.LabelSelector.MatchExpressions,
				metav1.LabelSelectorRequirement{Key: "rev", Operator: operator, Values: []string{rev}})
		}
	}
	return term
}

func (s *source) company(pod *v1.Pod) {
	affinity := &v1.Affinity{}
	if pod.Spec.Affinity != nil {
		affinity = pod.Spec.Affinity
	}
	weighted := func() v1.WeightedPodAffinityTerm {
		return v1.WeightedPodAffinityTerm{Weight: int32(1 + s.Intn(100)), PodAffinityTerm: s.term(pod)}
	}
	for i := 0; i < 2; i++ {
		if s.has("affinity") && s.one(0.2) {
			if affinity.PodAffinity == nil {
				affinity.PodAffinity = &v1.PodAffinity{}
			}
			affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution = append(affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution, s.term(pod))
		}
		if s.has("affinity") && s.one(0.4) {
			if affinity.PodAffinity == nil {
				affinity.PodAffinity = &v1.PodAffinity{}
			}
			affinity.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution = append(affinity.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution, weighted())
		}
		if s.has("affinity") && s.one(0.2) {
			if affinity.PodAntiAffinity == nil {
				affinity.PodAntiAffinity = &v1.PodAntiAffinity{}
			}
			affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution = append(affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution, s.term(pod))
		}
		if s.has("affinity") && s.one(0.4) {
			if affinity.PodAntiAffinity == nil {
				affinity.PodAntiAffinity = &v1.PodAntiAffinity{}
			}
			affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution = append(affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution, weighted())
		}
	}
	if affinity.PodAffinity != nil || affinity.PodAntiAffinity != nil {
		pod.Spec.Affinity = affinity
	}
}

func (s *source) spread(pod *v1.Pod, key string) v1.TopologySpreadConstraint {
	c := v1.TopologySpreadConstraint{MaxSkew: int32(1 + s.Intn(3)), TopologyKey: key, WhenUnsatisfiable: pick(s, v1.DoNotSchedule, v1.ScheduleAnyway),
		LabelSelector: s.selector()}
	if c.WhenUnsatisfiable == v1.DoNotSchedule && s.one(0.3) {
		c.MinDomains = ptr.To(int32(1 + s.Intn(4)))
	}
	policy := func() *v1.NodeInclusionPolicy {
		return pick(s, nil, ptr.To(v1.NodeInclusionPolicyHonor), ptr.To(v1.NodeInclusionPolicyIgnore))
	}
	c.NodeAffinityPolicy, c.NodeTaintsPolicy = policy(), policy()
	if rev, there := pod.Labels["rev"]; c.LabelSelector != nil && s.one(0.2) {
		c.MatchLabelKeys = []string{"rev"}
		if there { // as the API server merges it
			c.LabelSelector.MatchExpressions = append(c.LabelSelector.MatchExpressions,
				metav1.LabelSelectorRequirement{Key: "rev", Operator: metav1.LabelSelectorOpIn, Values: []string{rev}})
		}
	}
	return c
}

func (s *source) owners(w *world) {
	for i, n := 0, s.Intn(3); i < n; i++ {
		w.Services = append(w.Services, &v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: pick(s, spaces...), Name: fmt.Sprintf("s%d", i), UID: types.UID(fmt.Sprintf("svc-%d", i))},
			Spec: v1.ServiceSpec{Selector: pick(s, map[string]string{"app": "a"}, map[string]string{"app": "b"}, map[string]string{"rev": "1"}, nil)}})
	}
	for i, n := 0, s.Intn(3); i < n; i++ {
		w.ReplicaSets = append(w.ReplicaSets, &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: pick(s, spaces...), Name: fmt.Sprintf("r%d", i), UID: types.UID(fmt.Sprintf("rs-%d", i))},
			Spec: appsv1.ReplicaSetSpec{Selector: pick(s, &metav1.LabelSelector{MatchLabels: map[string]string{"app": "a"}}, &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{s.requirement()}})}})
	}
	for i, n := 0, s.Intn(2); i < n; i++ {
		w.Controllers = append(w.Controllers, &v1.ReplicationController{ObjectMeta: metav1.ObjectMeta{Namespace: pick(s, spaces...), Name: fmt.Sprintf("c%d", i), UID: types.UID(fmt.Sprintf("rc-%d", i))},
			Spec: v1.ReplicationControllerSpec{Selector: map[string]string{"app": "c"}}})
	}
	for i, n := 0, s.Intn(2); i < n; i++ {
		w.StatefulSets = append(w.StatefulSets, &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: pick(s, spaces...), Name: fmt.Sprintf("t%d", i), UID: types.UID(fmt.Sprintf("sts-%d", i))},
			Spec: appsv1.StatefulSetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "b"}}}})
	}
}

func (s *source) budget(number int, pods []*v1.Pod) *policyv1.PodDisruptionBudget {
	budget := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: spaces[number], Name: fmt.Sprintf("b%d", number), UID: types.UID(fmt.Sprintf("pdb-%d", number))},
		Spec:   policyv1.PodDisruptionBudgetSpec{Selector: s.selector(), MinAvailable: ptr.To(intstr.FromInt32(1))},
		Status: policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: int32(s.Intn(3))}}
	if len(pods) > 0 && s.one(0.3) {
		budget.Status.DisruptedPods = map[string]metav1.Time{pick(s, pods...).Name: metav1.NewTime(s.born)}
	}
	return budget
}

// keepFreePorts takes away the host ports of a pod on a node where somebody holds one of that number.
func (s *source) keepFreePorts(pod *v1.Pod) {
	held := s.held[pod.Spec.NodeName]
	for _, list := range [][]v1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for i := range list {
			for _, port := range list[i].Ports {
				for _, other := range held {
					if port.HostPort == other.HostPort && port.HostPort != 0 {
						list[i].Ports = nil
					}
				}
			}
			held = append(held, list[i].Ports...)
		}
	}
	s.held[pod.Spec.NodeName] = held
}
