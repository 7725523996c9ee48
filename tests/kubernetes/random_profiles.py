#!/usr/bin/env python3
"""Random scheduler configurations, right and wrong ones, for a comparison with what the real scheduler makes of them.

random_profiles.py FOLDER SEED COUNT    writes FOLDER/SEED-N.yaml
"""
import json
import pathlib
import random
import sys

PLUGINS = {
    "SchedulingGates": ["preEnqueue"], "PrioritySort": ["queueSort"], "NodeName": ["preFilter", "filter"],
    "NodeUnschedulable": ["preFilter", "filter"], "TaintToleration": ["preFilter", "filter", "preScore", "score"],
    "NodeAffinity": ["preFilter", "filter", "preScore", "score"], "NodePorts": ["preFilter", "filter"],
    "NodeResourcesFit": ["preFilter", "filter", "preScore", "score"], "VolumeRestrictions": ["preFilter", "filter"],
    "NodeVolumeLimits": ["preFilter", "filter"], "VolumeBinding": ["preFilter", "filter", "preScore", "score", "reserve", "preBind"],
    "VolumeZone": ["preFilter", "filter"], "PodTopologySpread": ["preFilter", "filter", "preScore", "score"],
    "InterPodAffinity": ["preFilter", "filter", "preScore", "score"], "DefaultPreemption": ["postFilter", "preEnqueue"],
    "NodeResourcesBalancedAllocation": ["preScore", "score"], "ImageLocality": ["score"], "DefaultBinder": ["bind"],
}
RARE = ["DynamicResources", "NodeDeclaredFeatures", "GangScheduling", "Coscheduling", "NodeResourceFit", "CinderLimits", ""]
POINTS = ["preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit", "preBind", "bind",
          "postBind", "placementGenerate", "placementScore", "podGroupPostFilter"]
NAMES = list(PLUGINS)


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.odd = self.r.random() < 0.4   # files with a mistake in them; the others are meant to be right

    def maybe(self, p):
        return self.r.random() < p

    def wrong(self, p=0.08):
        return self.odd and self.r.random() < p

    def number(self, low, high, wrong=()):
        if self.wrong() and wrong:
            return self.r.choice(wrong)
        return self.r.randint(low, high)

    def plugin(self, point):
        serving = [name for name in NAMES if point is None or point in PLUGINS[name]]
        if self.wrong() or not serving:
            return self.r.choice(NAMES + RARE)
        return self.r.choice(serving)

    def entry(self, point, weighted):
        name = {"name": self.plugin(point)}
        if weighted and self.maybe(0.7):
            name["weight"] = self.number(0, 9, [-3, 2**31, "2", 1.5, None, 2**31 - 1])
        if self.wrong(0.03):
            name["wieght"] = 1
        return name

    def plugin_set(self, point):
        weighted = point in (None, "score")
        out = {}
        if self.maybe(0.6):
            count = self.r.choice([0, 1, 1, 2, 3])
            out["enabled"] = [self.entry(point, weighted) for _ in range(count)]
            if not self.odd:   # once each
                out["enabled"] = list({e["name"]: e for e in out["enabled"]}.values())
        if self.maybe(0.6):
            out["disabled"] = [{"name": "*"}] if self.maybe(0.3) else \
                [{"name": self.plugin(point)} for _ in range(self.r.choice([0, 1, 1, 2]))]
            if self.maybe(0.05):
                out["disabled"].append({"name": self.r.choice(RARE[:-1])})
        return out

    def both(self, plugins, first, second):
        """A plugin that is switched at one point is mostly switched at its companion too."""
        if first in plugins and self.maybe(0.8):
            keep = lambda e: e.get("name") == "*" or second in PLUGINS.get(e.get("name"), [second])
            plugins[second] = {k: [e for e in v if keep(e)] for k, v in plugins[first].items()}

    def plugins(self):
        out = {}
        for point in self.r.sample(POINTS[:12], self.r.choice([0, 1, 1, 2, 4])):
            if point in ("bind", "queueSort") and self.maybe(0.8):
                continue
            out[point] = self.plugin_set(point)
        if self.wrong(0.1):
            point = self.r.choice(POINTS[12:])
            out[point] = self.plugin_set(None)
        self.both(out, "filter", "preFilter")
        self.both(out, "score", "preScore")
        if self.maybe(0.4):
            multi = self.plugin_set(None)
            if {"name": "*"} in multi.get("disabled", []) and self.maybe(0.9):   # without these two nothing works
                enabled = multi.setdefault("enabled", [])
                for need in ("PrioritySort", "DefaultBinder"):
                    if all(e["name"] != need for e in enabled):
                        enabled.insert(self.r.randint(0, len(enabled)), {"name": need})
            out["multiPoint"] = multi
        if self.wrong(0.03):
            out[self.r.choice(["preenqueue", "filters", "Score"])] = {}
        return out

    def resources(self, weights):
        names = ["cpu", "memory", "nvidia.com/gpu", "example.com/a", "ephemeral-storage"]
        out = []
        for name in self.r.sample(names, self.r.choice([0, 1, 2, 3])):
            out.append({"name": name})
            if self.maybe(0.7):
                out[-1]["weight"] = self.number(0, weights, [-1, 101, 2, "1"])
        if out and self.wrong():
            out.append(dict(out[0]))
        return out

    def shape(self):
        xs = sorted(self.r.sample(range(0, 101, 5), self.r.choice([1, 2, 3])))
        points = [{"utilization": x, "score": self.number(0, 10, [-1, 11, None])} for x in xs]
        if self.wrong():
            self.r.choice(points)["utilization"] = self.r.choice([-1, 101, 0])
        return [] if self.wrong(0.05) else points

    def fit(self):
        out = {}
        if self.maybe(0.4):
            out["ignoredResources"] = self.r.sample(["example.com/a", "example.com/b", "cpu"], self.r.choice([0, 1, 2])) + \
                (["not a name!"] if self.wrong() else [])
        if self.maybe(0.4):
            out["ignoredResourceGroups"] = ["example.com"] + (["a/b"] if self.wrong() else [])
        if self.maybe(0.8):
            kind = self.r.choice(["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"])
            strategy = {"type": self.r.choice(["leastallocated", "", None]) if self.wrong() else kind}
            if self.maybe(0.6):
                strategy["resources"] = self.resources(100)
            if (kind == "RequestedToCapacityRatio") != self.wrong():
                strategy["requestedToCapacityRatio"] = {"shape": self.shape()}
            out["scoringStrategy"] = strategy
        return out

    def requirement(self, fields):
        if fields:
            return {"key": "other.name" if self.wrong(0.05) else "metadata.name", "operator": self.r.choice(["In", "NotIn"]),
                    "values": self.r.sample(["n1", "n2"], 2 if self.wrong() else 1)}
        op = self.r.choice(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"])
        out = {"key": self.r.choice(["zone", "example.com/x", "-bad" if self.wrong() else "gen"]), "operator": "in" if self.wrong() else op}
        if (op in ("In", "NotIn")) != self.wrong():
            out["values"] = self.r.sample(["a", "b", "c"], self.r.randint(1, 3))
        if op in ("Gt", "Lt"):
            out["values"] = ["x"] if self.wrong() else [str(self.r.randint(-5, 50))]
        return out

    def term(self):
        out = {}
        if self.maybe(0.8):
            out["matchExpressions"] = [self.requirement(False) for _ in range(self.r.choice([1, 1, 2]))]
        if self.maybe(0.3):
            out["matchFields"] = [self.requirement(True)]
        return out

    def affinity(self):
        out = {}
        if self.maybe(0.6):
            out["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": [self.term() for _ in range(self.r.choice([0, 1, 2]))]}
        if self.maybe(0.6):
            out["preferredDuringSchedulingIgnoredDuringExecution"] = [
                {"weight": self.number(0, 100, [-1, 101, "1"]), "preference": self.term()} for _ in range(self.r.choice([1, 2]))]
        return {"addedAffinity": out} if self.maybe(0.95) else {}

    def spread(self):
        out = {}
        listed = self.maybe(0.7)
        if listed or self.maybe(0.3):
            out["defaultingType"] = self.r.choice(["list", ""]) if self.wrong() else ("List" if listed else "System")
        if listed != self.wrong(0.1):
            out["defaultConstraints"] = []
            for key in self.r.sample(["zone", "rack", "kubernetes.io/hostname"], self.r.choice([0, 1, 2])):
                c = {"maxSkew": self.number(1, 5, [0, -1, None]), "topologyKey": "" if self.wrong(0.04) else key,
                     "whenUnsatisfiable": "Never" if self.wrong(0.04) else self.r.choice(["DoNotSchedule", "ScheduleAnyway"])}
                if self.maybe(0.2):
                    c["nodeAffinityPolicy"] = self.r.choice(["Honor", "Ignore"])
                if self.maybe(0.2):
                    c["nodeTaintsPolicy"] = self.r.choice(["Honor", "Ignore"])
                if self.maybe(0.2):
                    c["minDomains"] = self.r.randint(0, 4)
                if self.maybe(0.1):
                    c["matchLabelKeys"] = ["app"]
                if self.wrong(0.05):
                    c["labelSelector"] = {}
                out["defaultConstraints"].append(c)
                if self.wrong(0.05):
                    out["defaultConstraints"].append(dict(c))
        return out

    def args(self, name):
        out = {
            "NodeAffinity": self.affinity, "NodeResourcesFit": self.fit, "PodTopologySpread": self.spread,
            "NodeResourcesBalancedAllocation": lambda: {"resources": self.resources(1)} if self.maybe(0.9) else {},
            "InterPodAffinity": lambda: {"hardPodAffinityWeight": self.number(0, 100, [-1, 101, "5", None]),
                                         "ignorePreferredTermsOfExistingPods": self.maybe(0.5)},
            "VolumeBinding": lambda: dict([("bindTimeoutSeconds", self.number(0, 999, [-1, "1s", None]))] if self.maybe(0.7) else [],
                                          **({"shape": self.shape()} if self.maybe(0.5) else {})),
            "DefaultPreemption": lambda: {"minCandidateNodesPercentage": self.number(0, 100, [-1, 101]),
                                          "minCandidateNodesAbsolute": self.number(0, 500, [-1, None])},
        }[name]()
        if self.maybe(0.3):
            out["apiVersion"] = "v1" if self.wrong() else "kubescheduler.config.k8s.io/v1"
            out["kind"] = ("NodeName" if self.wrong() else name) + "Args"
        if self.wrong(0.04):
            out["surprise"] = True
        return out

    def plugin_config(self):
        names = ["NodeAffinity", "NodeResourcesFit", "PodTopologySpread", "NodeResourcesBalancedAllocation", "InterPodAffinity",
                 "VolumeBinding", "DefaultPreemption"]
        chosen = self.r.sample(names, self.r.choice([1, 1, 2, 3]))
        out = [{"name": name, "args": self.args(name)} for name in chosen]
        if self.wrong(0.1):
            out.append(self.r.choice([dict(out[0]), {"name": "NodeName", "args": {}}, {"name": "NodePorts"}, {"args": {}},
                                      {"name": "DynamicResources", "args": {"filterTimeout": "5s"}}, {"name": "VolumeBinding"}]))
        return out

    def profile(self, index, count):
        out = {}
        if count > 1 or self.maybe(0.6):
            out["schedulerName"] = self.r.choice(["", "p0", None]) if self.wrong(0.06) else f"p{index}"
        if self.maybe(0.7):
            out["plugins"] = self.plugins()
        if self.maybe(0.7):
            out["pluginConfig"] = self.plugin_config()
        if self.maybe(0.2):
            out["percentageOfNodesToScore"] = self.number(0, 100, [-1, 101])
        return out

    def election(self):
        out = {}
        if self.maybe(0.5):
            out["leaderElect"] = self.maybe(0.7)
        if self.maybe(0.4):
            lease, deadline, retry = self.r.choice([(15, 10, 2), (30, 20, 4), (12, 11, 9), (100, 12, 10)])
            out.update(leaseDuration=f"{lease}s", renewDeadline=f"{deadline}s", retryPeriod=f"{retry}s")
        if self.wrong(0.2):
            out[self.r.choice(["leaseDuration", "renewDeadline", "retryPeriod"])] = self.r.choice(["0s", "-1s", "1h", 15, "", "5"])
        if self.maybe(0.3):
            out["resourceName"] = self.r.choice(["", "mine"])
        if self.maybe(0.2):
            out["resourceLock"] = "endpoints" if self.wrong() else self.r.choice(["leases", ""])
        return out

    def document(self):
        out = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}
        if self.maybe(0.9):
            count = self.r.choice([0, 1, 1, 1, 2, 3])
            out["profiles"] = [self.profile(i, count) for i in range(count)]
        if self.maybe(0.3):
            out["leaderElection"] = self.election()
        if self.maybe(0.2):
            out["clientConnection"] = {"qps": self.r.choice([0, 50, 2.5, -1]), "burst": self.number(0, 100, [-1, "1"]),
                                       "contentType": "application/json"}
        if self.maybe(0.2):
            out["podInitialBackoffSeconds"] = self.number(1, 9, [0, -1, 11])
        if self.maybe(0.2):
            out["podMaxBackoffSeconds"] = self.number(9, 30, [0, -1, None])
        for key, low, high, bad in (("parallelism", 1, 64, [0, -1, "4"]), ("percentageOfNodesToScore", 0, 100, [-1, 101])):
            if self.maybe(0.1):
                out[key] = self.number(low, high, bad)
        for key in ("enableProfiling", "enableContentionProfiling", "delayCacheUntilActive"):
            if self.maybe(0.05):
                out[key] = self.r.choice([False, False, True])
        if self.maybe(0.05):
            out["extenders"] = [] if self.maybe(0.7) else [{"urlPrefix": "http://127.0.0.1:1", "filterVerb": "filter"}]
        if self.wrong(0.03):
            out[self.r.choice(["healthzBindAddress", "algorithmSource", "metadata"])] = "x"
        if self.wrong(0.02):
            out["apiVersion"] = self.r.choice(["kubescheduler.config.k8s.io/v1beta3", "v1"])
        return out


def scalar(value):
    if isinstance(value, str):   # plain where it cannot be mistaken
        return value if value.replace("-", "").isalpha() and value not in ("null", "true", "false") and value[0].isalpha() else json.dumps(value)
    return json.dumps(value)


def emit(value, indent, out):
    """Block style for what holds something, flow style for what is empty."""
    pad = "  " * indent
    if isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, (dict, list)) and each:
                out.append(f"{pad}{key}:")
                emit(each, indent + 1, out)
            else:
                out.append(f"{pad}{key}: {scalar(each)}")
    else:
        for each in value:
            if isinstance(each, dict) and each:
                lines = []
                emit(each, indent + 1, lines)
                lines[0] = f"{pad}- {lines[0].lstrip()}"
                out.extend(lines)
            else:
                out.append(f"{pad}- {scalar(each)}")


def main():
    folder, seed, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(count):
        lines = []
        emit(Maker(f"{seed}-{number}").document(), 0, lines)
        (folder / f"{seed}-{number}.yaml").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
