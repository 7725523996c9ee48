// What kube-scheduler's own plugins answer: random clusters, one pod to be placed in each, one JSON object a line with the objects
// and every answer in it: for each node the first plugin that refuses it and why, for each node that fits the weighted points of
// every score plugin, and where nothing fits all candidates of DefaultPreemption. tests/oracle compares Ebb's answers with these.
//
//	scheduler_oracle SEED COUNT    random cases
//	scheduler_oracle <CASES        the same cases, answered again
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	corev1defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	schedulerconfig "k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/latest"
	internalcache "k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/defaultpreemption"
	plfeature "k8s.io/kubernetes/pkg/scheduler/framework/plugins/feature"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/names"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/nodevolumelimits"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
	"k8s.io/kubernetes/pkg/scheduler/util"
)

type refusal struct {
	Plugin  string   `json:"plugin"`
	Reasons []string `json:"reasons"`
}
type candidate struct {
	Node       string   `json:"node"`
	Victims    []string `json:"victims"` // namespace/name, sorted
	Violations int64    `json:"violations"`
	Highest    int32    `json:"highest"`
	Sum        int64    `json:"sum"`
	Start      int64    `json:"start"` // the earliest of those with the highest priority, in seconds
}
type answer struct {
	Whole      *refusal                    `json:"whole,omitempty"` // the pod fits nowhere, whatever the node
	Named      []string                    `json:"named,omitempty"` // only these nodes are looked at
	Refused    map[string]refusal          `json:"refused,omitempty"`
	Scores     map[string]map[string]int64 `json:"scores,omitempty"` // weighted; a plugin that skips the pod is missing
	Candidates []candidate                 `json:"candidates,omitempty"`
}
type world struct {
	Seed           string                          `json:"case"`
	Nodes          []*v1.Node                      `json:"nodes"`
	Pods           []*v1.Pod                       `json:"pods,omitempty"` // on nodes
	Namespaces     []*v1.Namespace                 `json:"namespaces,omitempty"`
	Services       []*v1.Service                   `json:"services,omitempty"`
	Controllers    []*v1.ReplicationController     `json:"controllers,omitempty"`
	ReplicaSets    []*appsv1.ReplicaSet            `json:"replicaSets,omitempty"`
	StatefulSets   []*appsv1.StatefulSet           `json:"statefulSets,omitempty"`
	Budgets        []*policyv1.PodDisruptionBudget `json:"budgets,omitempty"`
	StorageClasses []*storagev1.StorageClass       `json:"storageClasses,omitempty"`
	Volumes        []*v1.PersistentVolume          `json:"volumes,omitempty"`
	Claims         []*v1.PersistentVolumeClaim     `json:"claims,omitempty"`
	CsiNodes       []*storagev1.CSINode            `json:"csiNodes,omitempty"`
	CsiDrivers     []*storagev1.CSIDriver          `json:"csiDrivers,omitempty"`
	Capacities     []*storagev1.CSIStorageCapacity `json:"capacities,omitempty"`
	Pod            *v1.Pod                         `json:"pod"`
	Answer         *answer                         `json:"answer,omitempty"`
}

type noNominations struct{}

func (noNominations) AddNominatedPod(klog.Logger, fwk.PodInfo, *fwk.NominatingInfo) {}
func (noNominations) DeleteNominatedPodIfExists(*v1.Pod)                            {}
func (noNominations) UpdateNominatedPod(klog.Logger, *v1.Pod, fwk.PodInfo)          {}
func (noNominations) NominatedPodsForNode(string) []fwk.PodInfo                     { return nil }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "scheduler_oracle:", err)
		os.Exit(1)
	}
}

func profile() *schedulerconfig.KubeSchedulerProfile {
	cfg, err := latest.Default()
	check(err)
	p := &cfg.Profiles[0]
	kept := p.Plugins.MultiPoint.Enabled[:0]
	for _, plugin := range p.Plugins.MultiPoint.Enabled {
		if plugin.Name != names.DynamicResources { // needs a tracker of resource slices; no pod here has resource claims
			kept = append(kept, plugin)
		}
	}
	p.Plugins.MultiPoint.Enabled = kept
	return p
}

// informersOf fills the stores that the plugins' listers read; nothing is started.
func informersOf(w *world) informers.SharedInformerFactory {
	factory := informers.NewSharedInformerFactory(fake.NewClientset(), 0)
	fillStorage(factory, w)
	core, apps := factory.Core().V1(), factory.Apps().V1()
	for _, one := range w.Nodes {
		check(core.Nodes().Informer().GetStore().Add(one))
	}
	for _, one := range append([]*v1.Pod{w.Pod}, w.Pods...) {
		check(core.Pods().Informer().GetStore().Add(one))
	}
	for _, one := range w.Namespaces {
		check(core.Namespaces().Informer().GetStore().Add(one))
	}
	for _, one := range w.Services {
		check(core.Services().Informer().GetStore().Add(one))
	}
	for _, one := range w.Controllers {
		check(core.ReplicationControllers().Informer().GetStore().Add(one))
	}
	for _, one := range w.ReplicaSets {
		check(apps.ReplicaSets().Informer().GetStore().Add(one))
	}
	for _, one := range w.StatefulSets {
		check(apps.StatefulSets().Informer().GetStore().Add(one))
	}
	for _, one := range w.Budgets {
		check(factory.Policy().V1().PodDisruptionBudgets().Informer().GetStore().Add(one))
	}
	return factory
}

func running(w *world) []*v1.Pod {
	var list []*v1.Pod
	for _, pod := range w.Pods {
		if pod.Status.Phase != v1.PodSucceeded && pod.Status.Phase != v1.PodFailed {
			list = append(list, pod)
		}
	}
	return list
}

func ask(w *world) *answer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	factory := informersOf(w)
	snapshot := internalcache.NewSnapshot(running(w), w.Nodes)
	cache := internalcache.New(ctx, nil, false, false)
	f, err := frameworkruntime.NewFramework(ctx, plugins.NewInTreeRegistry(), profile(),
		frameworkruntime.WithClientSet(fake.NewClientset()),
		frameworkruntime.WithEventRecorder(&events.FakeRecorder{}),
		frameworkruntime.WithInformerFactory(factory),
		frameworkruntime.WithSnapshotSharedLister(snapshot),
		frameworkruntime.WithMutableSnapshotLister(snapshot),
		frameworkruntime.WithParallelism(1),
		frameworkruntime.WithWaitingPods(frameworkruntime.NewWaitingPodsMap()),
		frameworkruntime.WithPodsInPreBind(frameworkruntime.NewPodsInPreBindMap()),
		frameworkruntime.WithPodNominator(noNominations{}),
		frameworkruntime.WithPodGroupManager(cache),
		frameworkruntime.WithSharedCSIManager(nodevolumelimits.NewCSIManager(factory.Storage().V1().CSINodes().Lister())))
	check(err)
	defer f.Close()

	out := &answer{Refused: map[string]refusal{}}
	state := framework.NewCycleState()
	named, status, _ := f.RunPreFilterPlugins(ctx, state, w.Pod)
	statuses := framework.NewDefaultNodeToStatus()
	all, err := snapshot.NodeInfos().List()
	check(err)
	if !status.IsSuccess() {
		if !status.IsRejected() {
			check(status.AsError())
		}
		out.Whole = &refusal{status.Plugin(), status.Reasons()}
		statuses.SetAbsentNodesStatus(status)
	}
	if named != nil && !named.AllNodes() {
		out.Named = append([]string{}, named.NodeNames.UnsortedList()...)
		sort.Strings(out.Named)
	}
	var fitting []fwk.NodeInfo
	for _, node := range all {
		if out.Whole != nil || named != nil && !named.AllNodes() && !named.NodeNames.Has(node.Node().Name) {
			continue
		}
		status := f.RunFilterPluginsWithNominatedPods(ctx, state, w.Pod, node)
		if status.IsSuccess() {
			fitting = append(fitting, node)
			continue
		}
		if !status.IsRejected() {
			check(status.AsError())
		}
		reasons := status.Reasons()
		sort.Strings(reasons) // those of extended resources come in the order of a map
		out.Refused[node.Node().Name] = refusal{status.Plugin(), reasons}
		statuses.Set(node.Node().Name, status)
	}
	if len(fitting) > 0 {
		score(ctx, f, state, w.Pod, fitting, out)
	} else {
		preempt(ctx, f, state, w, statuses, out)
	}
	return out
}

func score(ctx context.Context, f framework.Framework, state fwk.CycleState, pod *v1.Pod, nodes []fwk.NodeInfo, out *answer) {
	if status := f.RunPreScorePlugins(ctx, state, pod, nodes); !status.IsSuccess() {
		check(status.AsError())
	}
	scores, status := f.RunScorePlugins(ctx, state, pod, nodes)
	if !status.IsSuccess() {
		check(status.AsError())
	}
	out.Scores = map[string]map[string]int64{}
	for _, node := range scores {
		points := map[string]int64{}
		for _, one := range node.Scores {
			points[one.Name] = one.Score
		}
		out.Scores[node.Name] = points
	}
}

func preempt(ctx context.Context, f framework.Framework, state fwk.CycleState, w *world, statuses *framework.NodeToStatus, out *answer) {
	args := &schedulerconfig.DefaultPreemptionArgs{MinCandidateNodesPercentage: 100, MinCandidateNodesAbsolute: 1000000}
	plugin, err := defaultpreemption.New(ctx, args, f, plfeature.NewSchedulerFeaturesFromGates(utilfeature.DefaultFeatureGate))
	check(err)
	if may, _ := plugin.PodEligibleToPreemptOthers(ctx, w.Pod, nil); !may {
		return
	}
	potential, err := statuses.NodesForStatusCode(f.MutableSnapshotSharedLister().NodeInfos(), fwk.Unschedulable)
	check(err)
	if len(potential) == 0 {
		return
	}
	candidates, _, err := plugin.Evaluator.DryRunPreemption(ctx, state, w.Pod, potential, w.Budgets, 0, int32(len(potential)))
	check(err)
	for _, one := range candidates {
		victims := one.Victims()
		c := candidate{Node: one.Name(), Violations: victims.NumPDBViolations, Highest: *victims.Pods[0].Spec.Priority,
			Start: util.GetEarliestPodStartTime(victims).Unix()}
		for _, pod := range victims.Pods {
			c.Victims = append(c.Victims, pod.Namespace+"/"+pod.Name)
			c.Sum += int64(*pod.Spec.Priority) + 1<<31
		}
		sort.Strings(c.Victims)
		out.Candidates = append(out.Candidates, c)
	}
	sort.Slice(out.Candidates, func(i, j int) bool { return out.Candidates[i].Node < out.Candidates[j].Node })
}

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	klog.SetLogger(logr.Discard())
	metrics.Register()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	write := func(w *world) {
		for _, pod := range append([]*v1.Pod{w.Pod}, w.Pods...) {
			corev1defaults.SetObjectDefaults_Pod(pod)
		}
		w.Answer = ask(w)
		text, err := json.Marshal(w)
		check(err)
		out.Write(append(text, '\n'))
	}
	if len(os.Args) == 3 {
		seed, err := strconv.ParseInt(os.Args[1], 10, 64)
		check(err)
		count, err := strconv.Atoi(os.Args[2])
		check(err)
		for i := 0; i < count; i++ {
			write(randomWorld(seed, i))
		}
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	for in.Scan() {
		w := &world{}
		check(json.Unmarshal(in.Bytes(), w))
		write(w)
	}
	check(in.Err())
}
