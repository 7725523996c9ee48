// What the kubelet's own topology, CPU and memory managers answer: random machines, configurations and sequences of pods, one JSON
// object a line with every answer in it. tests/numa/numa_oracle.cc reads them and compares.
//
//	numa_oracle SEED COUNT    random cases
//	numa_oracle <CASES        the same cases, answered again
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/go-logr/logr"
	cadvisor "github.com/google/cadvisor/lib/model"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/klog/v2"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/cm/containermap"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/memorymanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/lifecycle"
	"k8s.io/utils/cpuset"
)

const mi = int64(1) << 20
const pages2Mi = v1.ResourceName("hugepages-2Mi")

type node struct {
	Id        int      `json:"id"`
	MemoryMi  int64    `json:"memoryMi"`
	PagesMi   int64    `json:"pagesMi,omitempty"`
	Reserved  int64    `json:"reservedMi,omitempty"`
	Distances []uint64 `json:"distances"`
	Cores     [][]int  `json:"cores"` // socket, cache, then the threads
}
type kubelet struct {
	Topology        string            `json:"topologyPolicy"`
	Scope           string            `json:"scope"`
	TopologyOptions map[string]string `json:"topologyOptions,omitempty"`
	Cpu             string            `json:"cpuPolicy"`
	CpuOptions      map[string]string `json:"cpuOptions,omitempty"`
	ReservedMilli   int64             `json:"reservedCpuMilli"`
	ReservedCpus    string            `json:"reservedCpus,omitempty"`
	Memory          string            `json:"memoryPolicy"`
}
type block struct {
	Type  string `json:"type"`
	Nodes []int  `json:"nodes"`
	SizeM int64  `json:"mi"`
}
type container struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind,omitempty"` // init, sidecar; otherwise it stays
	Cpu     int64   `json:"cpuMilli"`
	Memory  int64   `json:"memoryMi"`
	Pages   int64   `json:"pagesMi,omitempty"`
	GotCpus string  `json:"cpus,omitempty"`
	GotMem  []block `json:"memory,omitempty"`
}
type event struct {
	Op         string      `json:"op"` // add, start, remove
	Pod        string      `json:"pod"`
	Guaranteed bool        `json:"guaranteed,omitempty"`
	PodLevel   bool        `json:"podLevel,omitempty"`
	Containers []container `json:"containers,omitempty"`
	Admitted   bool        `json:"admitted,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Message    string      `json:"message,omitempty"`
	Shared     string      `json:"shared,omitempty"` // what is left in the shared pool afterwards
}
type scenario struct {
	Sockets int     `json:"sockets"`
	Nodes   []node  `json:"nodes"`
	Kubelet kubelet `json:"kubelet"`
	Error   string  `json:"error,omitempty"` // the kubelet does not start
	Events  []event `json:"events,omitempty"`
}

func one[T any](r *rand.Rand, choices ...T) T { return choices[r.Intn(len(choices))] }
func chance(r *rand.Rand, in int) bool        { return r.Intn(in) == 0 }

// A machine of one to eight NUMA nodes; now and then one with more sockets than nodes, a node without CPUs, or uneven cores.
func machine(r *rand.Rand, s *scenario) {
	s.Sockets = one(r, 1, 2, 2)
	nodes := s.Sockets * one(r, 1, 1, 2, 2, 4)
	if s.Sockets == 2 && chance(r, 12) {
		nodes = 1
	}
	cores := one(r, 2, 4, 4, 8)
	if nodes == 8 {
		cores = one(r, 1, 2, 2, 4)
	}
	threads, caches := one(r, 1, 2, 2), 1
	if cores >= 4 {
		caches = one(r, 1, 2)
	}
	total, adjacent, memory := nodes*cores, chance(r, 3), one[int64](r, 2048, 4096, 16384)
	pages := chance(r, 4)
	for a := 0; a < nodes; a++ {
		n := node{Id: a, MemoryMi: memory, Cores: [][]int{}}
		if chance(r, 8) {
			n.MemoryMi = memory / 2
		}
		if pages && !chance(r, 4) {
			n.PagesMi = memory / one[int64](r, 4, 8)
		} else if pages {
			n.PagesMi = memory / 16
		}
		for b := 0; b < nodes; b++ {
			d := uint64(10)
			if a != b {
				d = uint64(12 + 4*((a^b)&1))
				if a*s.Sockets/nodes != b*s.Sockets/nodes {
					d = uint64(21 + 11*((a+b)&1))
				}
			}
			n.Distances = append(n.Distances, d)
		}
		for k := 0; k < cores; k++ {
			id := a*cores + k
			socket := a * s.Sockets / nodes
			if nodes < s.Sockets {
				socket = k * s.Sockets / cores
			}
			core := []int{socket, a*caches + k*caches/cores}
			for t := 0; t < threads; t++ {
				if adjacent {
					core = append(core, id*threads+t)
				} else {
					core = append(core, id+t*total)
				}
			}
			n.Cores = append(n.Cores, core)
		}
		s.Nodes = append(s.Nodes, n)
	}
	if nodes > 1 && chance(r, 12) { // offline cores
		s.Nodes[nodes-1].Cores = s.Nodes[nodes-1].Cores[1:]
	}
	if threads > 1 && chance(r, 10) { // offline threads
		for _, k := range r.Perm(cores)[:1] {
			if n := &s.Nodes[r.Intn(nodes)]; k < len(n.Cores) {
				n.Cores[k] = n.Cores[k][:2+threads-1]
			}
		}
	}
	if chance(r, 15) && nodes < 8 { // memory only
		n := node{Id: nodes, MemoryMi: memory, Cores: [][]int{}}
		if pages { // the kubelet reads every page size on every node
			n.PagesMi = memory / 16
		}
		for b := 0; b < nodes; b++ {
			s.Nodes[b].Distances = append(s.Nodes[b].Distances, 40)
			n.Distances = append(n.Distances, 40)
		}
		n.Distances = append(n.Distances, 10)
		s.Nodes = append(s.Nodes, n)
	}
}

func configuration(r *rand.Rand, s *scenario) {
	k := &s.Kubelet
	k.Topology = one(r, "none", "best-effort", "best-effort", "restricted", "restricted", "single-numa-node", "single-numa-node")
	k.Scope, k.Cpu, k.Memory = one(r, "container", "pod"), one(r, "static", "static", "static", "static", "none"), one(r, "None", "Static", "Static")
	k.ReservedMilli = one[int64](r, 500, 1000, 2000, 3000)
	k.TopologyOptions, k.CpuOptions = map[string]string{}, map[string]string{}
	if chance(r, 3) {
		k.TopologyOptions["prefer-closest-numa-nodes"] = "true"
	}
	if chance(r, 12) {
		k.TopologyOptions["max-allowable-numa-nodes"] = one(r, "8", "9", "16", "4")
	}
	if k.Cpu == "static" || chance(r, 40) {
		for _, option := range []struct {
			name string
			in   int
		}{{"full-pcpus-only", 4}, {"distribute-cpus-across-numa", 4}, {"align-by-socket", 8}, {"distribute-cpus-across-cores", 12},
			{"strict-cpu-reservation", 4}, {"prefer-align-cpus-by-uncorecache", 5}} {
			if chance(r, option.in) {
				k.CpuOptions[option.name] = "true"
			}
		}
	}
	for a := range s.Nodes {
		s.Nodes[a].Reserved = one[int64](r, 128, 256, 512)
		if a > 0 && chance(r, 2) {
			s.Nodes[a].Reserved = 0
		}
	}
	if k.Cpu == "static" && chance(r, 8) { // named CPUs, odd threads among them
		cpus := []int{}
		for i := int64(0); i < (k.ReservedMilli+999)/1000; i++ {
			cores := s.Nodes[int(i)%len(s.Nodes)].Cores
			if len(cores) > 0 {
				core := cores[r.Intn(len(cores))]
				cpus = append(cpus, core[2+r.Intn(len(core)-2)])
			}
		}
		k.ReservedCpus = cpuset.New(cpus...).String()
	}
}

type noRuntime struct{}

func (noRuntime) UpdateContainerResources(context.Context, string, *runtimeapi.ContainerResources) error {
	return nil
}

type sources struct{}

func (sources) AddSource(string) {}
func (sources) AllReady() bool   { return true }

type noStatus struct{}

func (noStatus) GetPodStatus(types.UID) (v1.PodStatus, bool) { return v1.PodStatus{}, false }

// The three managers as a kubelet wires them.
type managers struct {
	topology topologymanager.Manager
	cpu      cpumanager.Manager
	memory   memorymanager.Manager
	log      klog.Logger
	lock     sync.Mutex
	active   map[string]*v1.Pod
	started  map[string]bool
	unswept  bool // a pod that was refused, or removed before it started, holds what it had until the next one comes
}

func (m *managers) pods() (list []*v1.Pod) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, p := range m.active {
		list = append(list, p)
	}
	return
}

func (m *managers) set(name string, p *v1.Pod) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if p == nil {
		delete(m.active, name)
	} else {
		m.active[name] = p
	}
}

func build(s *scenario, folder string) (*managers, error) {
	m := &managers{active: map[string]*v1.Pod{}, started: map[string]bool{}}
	info := &cadvisor.MachineInfo{NumSockets: s.Sockets}
	var reservations []kubeletconfig.MemoryReservation
	all := int64(0)
	for _, n := range s.Nodes {
		c := cadvisor.Node{Id: n.Id, Memory: uint64(n.MemoryMi * mi), Distances: n.Distances}
		if n.PagesMi > 0 {
			c.HugePages = []cadvisor.HugePagesInfo{{PageSize: 2048, NumPages: uint64(n.PagesMi / 2)}}
		}
		for i, core := range n.Cores {
			c.Cores = append(c.Cores, cadvisor.Core{Id: i, SocketID: core[0], Threads: core[2:], UncoreCaches: []cadvisor.Cache{{Id: core[1], Level: 3, Type: "Unified"}}})
			info.NumCores += len(core) - 2
			info.NumPhysicalCores++
		}
		info.MemoryCapacity += c.Memory
		info.Topology = append(info.Topology, c)
		if all += n.Reserved; n.Reserved > 0 {
			reservations = append(reservations, kubeletconfig.MemoryReservation{NumaNode: int32(n.Id), Limits: v1.ResourceList{v1.ResourceMemory: *resource.NewQuantity(n.Reserved*mi, resource.BinarySI)}})
		}
	}
	named, _ := cpuset.Parse(s.Kubelet.ReservedCpus)
	reserved := v1.ResourceList{v1.ResourceCPU: *resource.NewMilliQuantity(s.Kubelet.ReservedMilli, resource.DecimalSI), v1.ResourceMemory: *resource.NewQuantity(all*mi, resource.BinarySI)}
	if named.Size() > 0 {
		s.Kubelet.ReservedMilli = int64(named.Size()) * 1000
		reserved[v1.ResourceCPU] = *resource.NewMilliQuantity(s.Kubelet.ReservedMilli, resource.DecimalSI)
	}
	var err error
	k := s.Kubelet
	if m.topology, err = topologymanager.NewManager(m.log, info.Topology, k.Topology, k.Scope, k.TopologyOptions); err != nil {
		return nil, err
	}
	if m.cpu, err = cpumanager.NewManager(m.log, k.Cpu, k.CpuOptions, time.Hour, info, named, reserved, folder, m.topology); err != nil {
		return nil, err
	}
	if m.memory, err = memorymanager.NewManager(m.log, k.Memory, info, reserved, reservations, folder, m.topology); err != nil {
		return nil, err
	}
	if err = m.cpu.Start(context.Background(), m.pods, sources{}, noStatus{}, noRuntime{}, containermap.NewContainerMap()); err != nil {
		return nil, err
	}
	if err = m.memory.Start(context.Background(), m.pods, sources{}, noStatus{}, noRuntime{}, containermap.NewContainerMap()); err != nil {
		return nil, err
	}
	m.topology.AddHintProvider(m.log, m.cpu)
	m.topology.AddHintProvider(m.log, m.memory)
	return m, nil
}

func spec(e *event) *v1.Pod {
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: e.Pod, UID: types.UID(e.Pod)}}
	pod.Status.QOSClass = v1.PodQOSBurstable
	if e.Guaranteed {
		pod.Status.QOSClass = v1.PodQOSGuaranteed
	}
	always := v1.ContainerRestartPolicyAlways
	for _, c := range e.Containers {
		amounts := v1.ResourceList{v1.ResourceCPU: *resource.NewMilliQuantity(c.Cpu, resource.DecimalSI), v1.ResourceMemory: *resource.NewQuantity(c.Memory*mi, resource.BinarySI)}
		if c.Pages > 0 {
			amounts[pages2Mi] = *resource.NewQuantity(c.Pages*mi, resource.BinarySI)
		}
		made := v1.Container{Name: c.Name, Resources: v1.ResourceRequirements{Requests: amounts, Limits: amounts}}
		switch c.Kind {
		case "sidecar":
			made.RestartPolicy = &always
			fallthrough
		case "init":
			pod.Spec.InitContainers = append(pod.Spec.InitContainers, made)
		default:
			pod.Spec.Containers = append(pod.Spec.Containers, made)
		}
	}
	if e.PodLevel {
		whole := v1.ResourceList{v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("1Gi")}
		pod.Spec.Resources = &v1.ResourceRequirements{Requests: whole, Limits: whole}
	}
	return pod
}

func each(pod *v1.Pod, do func(c *v1.Container)) {
	for i := range pod.Spec.InitContainers {
		do(&pod.Spec.InitContainers[i])
	}
	for i := range pod.Spec.Containers {
		do(&pod.Spec.Containers[i])
	}
}

func randomPod(r *rand.Rand, s *scenario, name string) event {
	e := event{Op: "add", Pod: name, Guaranteed: !chance(r, 8), PodLevel: chance(r, 25)}
	add := func(kind string, n int) {
		for i := 0; i < n; i++ {
			c := container{Name: fmt.Sprintf("c%d", i), Kind: kind,
				Cpu:    one[int64](r, 1000, 1000, 2000, 2000, 2000, 3000, 4000, 4000, 5000, 6000, 8000, 12000, 500, 1500),
				Memory: one[int64](r, 128, 256, 512, 1024, 1500, 2048, 3000, 5000, 9000)}
			if s.Nodes[0].PagesMi > 0 && chance(r, 3) {
				c.Pages = one[int64](r, 64, 256, 512, 700, 1500, 3000)
			}
			e.Containers = append(e.Containers, c)
		}
	}
	if chance(r, 4) {
		for i, kinds := 0, one(r, 1, 1, 2, 3); i < kinds; i++ {
			add(one(r, "init", "init", "sidecar"), 1)
			e.Containers[i].Name = fmt.Sprintf("i%d", i)
		}
	}
	add("", one(r, 1, 1, 2))
	return e
}

func (m *managers) admit(s *scenario, e *event) {
	pod := spec(e)
	m.set(e.Pod, pod)
	answer := m.topology.Admit(context.Background(), &lifecycle.PodAdmitAttributes{Pod: pod, Operation: lifecycle.AddOperation})
	e.Admitted, e.Reason, e.Message = answer.Admit, answer.Reason, answer.Message
	if !answer.Admit {
		m.set(e.Pod, nil)
		return
	}
	for i := range e.Containers {
		c := &e.Containers[i]
		c.GotCpus = m.cpu.GetExclusiveCPUs(e.Pod, c.Name).String()
		if s.Kubelet.Memory != "Static" {
			continue
		}
		for _, b := range m.memory.GetMemory(m.log, e.Pod, c.Name) {
			c.GotMem = append(c.GotMem, block{string(b.Type), b.NUMAAffinity, int64(b.Size) / mi})
		}
		sort.Slice(c.GotMem, func(a, b int) bool { return c.GotMem[a].Type < c.GotMem[b].Type })
	}
}

func (m *managers) start(pod *v1.Pod) {
	each(pod, func(c *v1.Container) {
		id := pod.Name + "/" + c.Name
		m.cpu.AddContainer(m.log, pod, c, id)
		m.memory.AddContainer(m.log, pod, c, id)
		m.topology.AddContainer(m.log, pod, c, id)
	})
}

func (m *managers) remove(pod *v1.Pod) {
	each(pod, func(c *v1.Container) {
		id := pod.Name + "/" + c.Name
		_ = m.cpu.RemoveContainer(m.log, id)
		_ = m.memory.RemoveContainer(m.log, id)
		_ = m.topology.RemoveContainer(m.log, id)
	})
	m.set(pod.Name, nil)
}

// Carries out one event and writes into it what came of it.
func (m *managers) apply(s *scenario, e *event) {
	pod := m.active[e.Pod]
	switch {
	case e.Op == "add":
		m.admit(s, e)
	case pod == nil: // what would have happened to a pod that was refused
	case e.Op == "start":
		m.start(pod)
		m.started[e.Pod] = true
	case e.Op == "remove":
		m.remove(pod)
		m.unswept = m.unswept || !m.started[e.Pod]
	}
	if e.Op == "add" {
		m.unswept = !e.Admitted
	}
	if e.Shared = ""; s.Kubelet.Cpu == "static" && !m.unswept {
		e.Shared = m.cpu.State().GetDefaultCPUSet().String()
	}
}

func begin(s *scenario) (*managers, func()) {
	folder, _ := os.MkdirTemp("", "numa_oracle")
	m, err := build(s, folder)
	if s.Error = ""; err != nil {
		s.Error = err.Error()
	}
	return m, func() { os.RemoveAll(folder) }
}

func random(r *rand.Rand) (s scenario) {
	machine(r, &s)
	configuration(r, &s)
	m, end := begin(&s)
	defer end()
	if m == nil {
		return
	}
	var waiting, running []string
	pick := func(list *[]string) string {
		i := r.Intn(len(*list))
		name := (*list)[i]
		*list = append((*list)[:i], (*list)[i+1:]...)
		return name
	}
	for i, n := 0, 4+r.Intn(12); i < n; i++ {
		var e event
		switch {
		case len(running) > 0 && chance(r, 4):
			e = event{Op: "remove", Pod: pick(&running)}
		case len(waiting) > 0 && !chance(r, 4):
			e = event{Op: "start", Pod: pick(&waiting)}
			running = append(running, e.Pod)
		default:
			e = randomPod(r, &s, fmt.Sprintf("p%d", i))
		}
		m.apply(&s, &e)
		if e.Op == "add" && e.Admitted {
			waiting = append(waiting, e.Pod)
		}
		s.Events = append(s.Events, e)
	}
	return
}

// The same inputs again, with the answers of now.
func again(s *scenario) {
	m, end := begin(s)
	defer end()
	if m == nil {
		s.Events = nil
		return
	}
	for i := range s.Events {
		for k := range s.Events[i].Containers {
			s.Events[i].Containers[k].GotCpus, s.Events[i].Containers[k].GotMem = "", nil
		}
		m.apply(s, &s.Events[i])
	}
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "numa_oracle:", err)
		os.Exit(1)
	}
}

func main() {
	klog.SetLogger(logr.Discard())
	fatal(utilfeature.DefaultMutableFeatureGate.Set("CPUManagerPolicyAlphaOptions=true"))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := json.NewEncoder(out)
	if len(os.Args) == 1 {
		for in := json.NewDecoder(os.Stdin); in.More(); {
			var s scenario
			fatal(in.Decode(&s))
			again(&s)
			fatal(lines.Encode(s))
		}
		return
	}
	if len(os.Args) != 3 {
		fatal(fmt.Errorf("usage: numa_oracle [SEED COUNT]"))
	}
	seed, err := strconv.ParseInt(os.Args[1], 10, 64)
	fatal(err)
	count, err := strconv.Atoi(os.Args[2])
	fatal(err)
	for i := 0; i < count; i++ {
		fatal(lines.Encode(random(rand.New(rand.NewSource(seed*1_000_003 + int64(i))))))
	}
}
