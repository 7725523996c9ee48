// Profile_oracle reads scheduler configurations with the real scheduler's own loader, defaults, validation and framework, and
// writes what came of each beside it: FILE.real with the resolved profiles, or "refused" and the reason. The form is that of
// `ebb check-config --resolved`.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/validation"
	"k8s.io/kubernetes/pkg/scheduler/profile"
)

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(&bytes.Buffer{})
	klog.SetLogger(klog.Logger{})
	for _, file := range os.Args[1:] {
		text, err := resolve(file)
		if err != nil {
			text = "refused\n" + strings.ReplaceAll(err.Error(), "\n", " ") + "\n"
		}
		if err := os.WriteFile(file+".real", []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func resolve(file string) (string, error) {
	cfg, err := options.LoadConfigFromFile(klog.Background(), file)
	if err != nil {
		return "", err
	}
	if err := validation.ValidateKubeSchedulerConfiguration(cfg); err != nil {
		return "", err
	}
	for _, p := range cfg.Profiles { // else looked at only where the plugin is enabled
		for _, each := range p.PluginConfig {
			if args, ok := each.Args.(*config.NodeResourcesFitArgs); ok {
				if err := validation.ValidateNodeResourcesFitArgs(nil, args); err != nil {
					return "", err
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := fake.NewClientset()
	sched, err := scheduler.New(ctx, client, informers.NewSharedInformerFactory(client, 0), nil,
		profile.RecorderFactory(func(string) events.EventRecorderLogger { return events.NewFakeRecorder(1) }),
		scheduler.WithComponentConfigVersion(cfg.TypeMeta.APIVersion),
		scheduler.WithProfiles(cfg.Profiles...),
		scheduler.WithExtenders(cfg.Extenders...),
		scheduler.WithParallelism(cfg.Parallelism))
	if err != nil {
		return "", err
	}
	election := cfg.LeaderElection
	if election.LeaderElect { // it has rules of its own about its times
		_, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{LockConfig: resourcelock.ResourceLockConfig{Identity: "me"}}, Name: "oracle",
			LeaseDuration: election.LeaseDuration.Duration, RenewDeadline: election.RenewDeadline.Duration,
			RetryPeriod: election.RetryPeriod.Duration, Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) {}, OnStoppedLeading: func() {}}})
		if err != nil {
			return "", err
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "backoff %ds %ds\n", cfg.PodInitialBackoffSeconds, cfg.PodMaxBackoffSeconds)
	if election.LeaderElect {
		fmt.Fprintf(&out, "leaderElection %s/%s %v %v %v\n", election.ResourceNamespace, election.ResourceName, election.LeaseDuration.Duration,
			election.RenewDeadline.Duration, election.RetryPeriod.Duration)
	}
	for i := range cfg.Profiles {
		p := &cfg.Profiles[i]
		fmt.Fprintf(&out, "profile %s\n", p.SchedulerName)
		writeProfile(&out, sched.Profiles[p.SchedulerName].ListPlugins(), p.PluginConfig)
	}
	return out.String(), nil
}

type point struct {
	name string
	set  *config.PluginSet
}

func writeProfile(out *strings.Builder, plugins *config.Plugins, arguments []config.PluginConfig) {
	points := []point{
		{"preEnqueue", &plugins.PreEnqueue}, {"queueSort", &plugins.QueueSort}, {"preFilter", &plugins.PreFilter},
		{"filter", &plugins.Filter}, {"postFilter", &plugins.PostFilter}, {"preScore", &plugins.PreScore}, {"score", &plugins.Score},
		{"reserve", &plugins.Reserve}, {"permit", &plugins.Permit}, {"preBind", &plugins.PreBind}, {"bind", &plugins.Bind},
		{"postBind", &plugins.PostBind}, {"placementGenerate", &plugins.PlacementGenerate},
		{"placementScore", &plugins.PlacementScore}, {"podGroupPostFilter", &plugins.PodGroupPostFilter},
	}
	on := map[string]bool{}
	for _, p := range points {
		if len(p.set.Enabled) == 0 {
			continue
		}
		out.WriteString(p.name)
		for _, plugin := range p.set.Enabled {
			on[plugin.Name] = true
			fmt.Fprintf(out, " %s", plugin.Name)
			if p.name == "score" {
				fmt.Fprintf(out, "=%d", plugin.Weight)
			}
		}
		out.WriteString("\n")
	}
	byName := map[string]runtime.Object{}
	for _, each := range arguments {
		byName[each.Name] = each.Args
	}
	for _, name := range []string{"NodeAffinity", "NodeResourcesFit", "NodeResourcesBalancedAllocation", "PodTopologySpread", "InterPodAffinity",
		"VolumeBinding", "DefaultPreemption"} {
		if on[name] {
			fmt.Fprintf(out, "args %s%s\n", name, argumentsText(byName[name]))
		}
	}
}

func argumentsText(object runtime.Object) string {
	switch args := object.(type) {
	case *config.NodeAffinityArgs:
		return affinityText(args.AddedAffinity)
	case *config.NodeResourcesFitArgs:
		text := " " + string(args.ScoringStrategy.Type) + " " + resourcesText(args.ScoringStrategy.Resources)
		if ratio := args.ScoringStrategy.RequestedToCapacityRatio; ratio != nil {
			text += " shape " + shapeText(ratio.Shape)
		}
		return text + list(" ignored ", args.IgnoredResources) + list(" groups ", args.IgnoredResourceGroups)
	case *config.NodeResourcesBalancedAllocationArgs:
		return " " + resourcesText(args.Resources)
	case *config.PodTopologySpreadArgs:
		return spreadText(args)
	case *config.InterPodAffinityArgs:
		return fmt.Sprintf(" %d %v", args.HardPodAffinityWeight, args.IgnorePreferredTermsOfExistingPods)
	case *config.VolumeBindingArgs:
		return fmt.Sprintf(" %ds %s", args.BindTimeoutSeconds, shapeText(args.Shape))
	case *config.DefaultPreemptionArgs:
		return fmt.Sprintf(" %d%% %d", args.MinCandidateNodesPercentage, args.MinCandidateNodesAbsolute)
	}
	return fmt.Sprintf(" (%T)", object)
}

func list(prefix string, texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return prefix + strings.Join(texts, ",")
}

func resourcesText(resources []config.ResourceSpec) string {
	var texts []string
	for _, r := range resources {
		texts = append(texts, fmt.Sprintf("%s:%d", r.Name, r.Weight))
	}
	return strings.Join(texts, ",")
}

func shapeText(shape []config.UtilizationShapePoint) string {
	var texts []string
	for _, p := range shape {
		texts = append(texts, fmt.Sprintf("%d:%d", p.Utilization, p.Score))
	}
	return strings.Join(texts, ",")
}

// What the plugin makes of the constraints: its own two for System, and its defaults where a constraint says nothing.
func spreadText(args *config.PodTopologySpreadArgs) string {
	text := " " + string(args.DefaultingType)
	for _, c := range args.DefaultConstraints {
		affinity, taints, domains := v1.NodeInclusionPolicyHonor, v1.NodeInclusionPolicyIgnore, int32(1)
		if c.NodeAffinityPolicy != nil {
			affinity = *c.NodeAffinityPolicy
		}
		if c.NodeTaintsPolicy != nil {
			taints = *c.NodeTaintsPolicy
		}
		if c.MinDomains != nil {
			domains = *c.MinDomains
		}
		text += fmt.Sprintf(" {%s %d %s %s %s %d}", c.TopologyKey, c.MaxSkew, c.WhenUnsatisfiable, affinity, taints, domains)
	}
	return text
}

func requirements(list []v1.NodeSelectorRequirement) string {
	var texts []string
	for _, r := range list {
		text := r.Key + " " + string(r.Operator)
		if len(r.Values) > 0 {
			text += " " + strings.Join(r.Values, ",")
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func term(t *v1.NodeSelectorTerm) string {
	if len(t.MatchExpressions) == 0 && len(t.MatchFields) == 0 {
		return "" // matches no node
	}
	return "{" + requirements(t.MatchExpressions) + " | " + requirements(t.MatchFields) + "}"
}

func affinityText(affinity *v1.NodeAffinity) string {
	if affinity == nil {
		return ""
	}
	text := ""
	if required := affinity.RequiredDuringSchedulingIgnoredDuringExecution; required != nil {
		text += " required"
		for i := range required.NodeSelectorTerms {
			if t := term(&required.NodeSelectorTerms[i]); t != "" {
				text += " " + t
			}
		}
	}
	for i := range affinity.PreferredDuringSchedulingIgnoredDuringExecution {
		preferred := &affinity.PreferredDuringSchedulingIgnoredDuringExecution[i]
		if t := term(&preferred.Preference); t != "" && preferred.Weight != 0 {
			text += fmt.Sprintf(" preferred %d %s", preferred.Weight, t)
		}
	}
	return text
}
