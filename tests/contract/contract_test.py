#!/usr/bin/env python3
"""What Kubernetes clients rely on, stated as tests that run unchanged against the sandbox and against a real API server.

    contract_test.py KUBECONFIG [unittest arguments]

A difference between the two is a defect of the sandbox, or stands in docs/sandbox.md.
"""
import random
import sys
import threading
import unittest

from client import Client

KUBECONFIG = None
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"


def config_map(name, data=None, **metadata):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}, "data": data or {}}


def pod(name, **spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"containers": [{"name": "c", "image": "example.com/app:1"}], **spec}}


def deployment(name, replicas=0):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "example.com/app:1"}]}}}}


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = Client(KUBECONFIG)
        cls.ns = f"contract-{random.randrange(16**8):08x}"
        made = cls.client.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": cls.ns}})
        assert made.status == 201, made.body
        cls.config_maps = f"/api/v1/namespaces/{cls.ns}/configmaps"
        cls.pods = f"/api/v1/namespaces/{cls.ns}/pods"
        cls.deployments = f"/apis/apps/v1/namespaces/{cls.ns}/deployments"

    @classmethod
    def tearDownClass(cls):
        cls.client.call("DELETE", f"/api/v1/namespaces/{cls.ns}")

    def make(self, path, body, **query):
        made = self.client.call("POST", path, body, **query)
        self.assertEqual(made.status, 201, made.body)
        return made.json

    def refused(self, answer, code, reason):
        self.assertEqual(answer.status, code, answer.body)
        status = answer.json
        self.assertEqual((status["kind"], status["apiVersion"], status["status"]), ("Status", "v1", "Failure"))
        self.assertEqual((status["code"], status.get("reason")), (code, reason))
        return status


class Objects(Contract):
    def test_a_created_object_has_identity_and_version(self):
        made = self.make(self.config_maps, config_map("identity", {"a": "1"}))
        for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
            self.assertTrue(made["metadata"].get(field), field)
        self.assertEqual(self.client.call("GET", self.config_maps + "/identity").json, made)

    def test_the_same_name_twice_is_refused(self):
        self.make(self.config_maps, config_map("twice"))
        status = self.refused(self.client.call("POST", self.config_maps, config_map("twice")), 409, "AlreadyExists")
        self.assertEqual(status["message"], 'configmaps "twice" already exists')
        self.assertEqual(status["details"], {"name": "twice", "kind": "configmaps"})

    def test_what_is_not_there_is_not_found(self):
        status = self.refused(self.client.call("GET", self.config_maps + "/nobody"), 404, "NotFound")
        self.assertEqual(status["message"], 'configmaps "nobody" not found')

    def test_a_namespace_that_does_not_exist_takes_nothing(self):
        self.refused(self.client.call("POST", "/api/v1/namespaces/no-such/configmaps", config_map("x")), 404, "NotFound")

    def test_generated_names_are_unique(self):
        names = {self.make(self.config_maps, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "g-"}})["metadata"]["name"] for _ in range(5)}
        self.assertEqual(len(names), 5)
        self.assertTrue(all(name.startswith("g-") and len(name) == 7 for name in names))

    def test_an_update_from_a_stale_version_conflicts(self):
        first = self.make(self.config_maps, config_map("stale", {"a": "1"}))
        second = dict(first, data={"a": "2"})
        self.assertEqual(self.client.call("PUT", self.config_maps + "/stale", second).status, 200)
        status = self.refused(self.client.call("PUT", self.config_maps + "/stale", dict(first, data={"a": "3"})), 409, "Conflict")
        self.assertIn("the object has been modified; please apply your changes to the latest version and try again", status["message"])

    def test_an_update_that_changes_nothing_keeps_the_version(self):
        made = self.make(self.config_maps, config_map("same", {"a": "1"}))
        again = self.client.call("PUT", self.config_maps + "/same", made).json
        self.assertEqual(again["metadata"]["resourceVersion"], made["metadata"]["resourceVersion"])

    def test_dry_run_leaves_nothing(self):
        self.make(self.config_maps, config_map("dry"), dryRun="All")
        self.refused(self.client.call("GET", self.config_maps + "/dry"), 404, "NotFound")

    def test_invalid_objects_name_every_field(self):
        status = self.refused(self.client.call("POST", self.pods, pod("Bad_Name", restartPolicy="Sometimes")), 422, "Invalid")
        fields = {cause["field"] for cause in status["details"]["causes"]}
        self.assertLessEqual({"metadata.name", "spec.restartPolicy"}, fields)

    def test_defaults_are_filled_in(self):
        made = self.make(self.pods, pod("defaults", terminationGracePeriodSeconds=0))
        spec = made["spec"]
        self.assertEqual((spec["restartPolicy"], spec["dnsPolicy"], spec["schedulerName"], spec["priority"]), ("Always", "ClusterFirst", "default-scheduler", 0))
        self.assertEqual(spec["containers"][0]["imagePullPolicy"], "IfNotPresent")
        self.assertEqual({t["key"] for t in spec["tolerations"]}, {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})
        self.assertEqual((made["status"]["phase"], made["status"]["qosClass"]), ("Pending", "BestEffort"))

    def test_limits_become_requests(self):
        body = pod("limits")
        body["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "0.5", "memory": "1024Mi"}}
        made = self.make(self.pods, body)
        self.assertEqual(made["spec"]["containers"][0]["resources"], {"limits": {"cpu": "500m", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}})
        self.assertEqual(made["status"]["qosClass"], "Guaranteed")

    def test_a_pods_spec_is_immutable(self):
        made = self.make(self.pods, pod("immutable"))
        made["spec"]["hostNetwork"] = True
        self.refused(self.client.call("PUT", self.pods + "/immutable", made), 422, "Invalid")

    def test_the_generation_counts_changes_of_the_spec_only(self):
        made = self.make(self.deployments, deployment("generation"))
        self.assertEqual(made["metadata"]["generation"], 1)
        path = self.deployments + "/generation"
        self.client.call("PATCH", path, {"metadata": {"labels": {"a": "b"}}}, MERGE)
        changed = self.client.call("PATCH", path, {"spec": {"paused": True}}, MERGE).json
        self.assertEqual(changed["metadata"]["generation"], 2)

    def test_the_status_and_the_rest_are_written_apart(self):
        made = self.make(self.pods, pod("apart"))
        path = self.pods + "/apart"
        changed = self.client.call("PATCH", path + "/status", {"metadata": {"labels": {"a": "b"}}, "status": {"message": "hello"}}, MERGE).json
        self.assertEqual(changed["status"]["message"], "hello")
        changed = self.client.call("PATCH", path, {"status": {"message": "ignored"}}, MERGE).json
        self.assertEqual(changed["status"]["message"], "hello")
        self.assertEqual(changed["metadata"]["uid"], made["metadata"]["uid"])


class Patches(Contract):
    def test_a_json_patch_tests_and_replaces(self):
        self.make(self.config_maps, config_map("json", {"a": "1", "b": "2"}))
        path = self.config_maps + "/json"
        changed = self.client.call("PATCH", path, [{"op": "test", "path": "/data/a", "value": "1"}, {"op": "replace", "path": "/data/a", "value": "9"}, {"op": "remove", "path": "/data/b"}], JSON_PATCH)
        self.assertEqual(changed.json["data"], {"a": "9"})
        self.assertEqual(self.client.call("PATCH", path, [{"op": "test", "path": "/data/a", "value": "1"}], JSON_PATCH).status, 422)

    def test_a_merge_patch_removes_by_null(self):
        self.make(self.config_maps, config_map("merge", {"a": "1", "b": "2"}))
        changed = self.client.call("PATCH", self.config_maps + "/merge", {"data": {"a": None, "c": "3"}}, MERGE)
        self.assertEqual(changed.json["data"], {"b": "2", "c": "3"})

    def test_a_strategic_patch_merges_containers_by_name(self):
        self.make(self.deployments, deployment("strategic"))
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "example.com/app:2"}, {"name": "d", "image": "example.com/other:1"}]}}}}
        changed = self.client.call("PATCH", self.deployments + "/strategic", patch, STRATEGIC).json
        self.assertEqual({c["name"]: c["image"] for c in changed["spec"]["template"]["spec"]["containers"]}, {"c": "example.com/app:2", "d": "example.com/other:1"})
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "d", "$patch": "delete"}]}}}}
        changed = self.client.call("PATCH", self.deployments + "/strategic", patch, STRATEGIC).json
        self.assertEqual([c["name"] for c in changed["spec"]["template"]["spec"]["containers"]], ["c"])

    def test_server_side_apply_owns_what_it_applied(self):
        path = self.config_maps + "/apply"
        body = config_map("apply", {"a": "1", "b": "2"})
        first = self.client.call("PATCH", path, body, APPLY, fieldManager="one")
        self.assertEqual(first.status, 201, first.body)
        again = self.client.call("PATCH", path, body, APPLY, fieldManager="one").json
        self.assertEqual(again["metadata"]["resourceVersion"], first.json["metadata"]["resourceVersion"])
        changed = self.client.call("PATCH", path, config_map("apply", {"a": "1"}), APPLY, fieldManager="one").json
        self.assertEqual(changed["data"], {"a": "1"})

    def test_server_side_apply_conflicts_unless_forced(self):
        path = self.config_maps + "/conflict"
        self.client.call("PATCH", path, config_map("conflict", {"a": "1"}), APPLY, fieldManager="one")
        status = self.refused(self.client.call("PATCH", path, config_map("conflict", {"a": "2"}), APPLY, fieldManager="two"), 409, "Conflict")
        self.assertEqual([(c["reason"], c["field"]) for c in status["details"]["causes"]], [("FieldManagerConflict", ".data.a")])
        forced = self.client.call("PATCH", path, config_map("conflict", {"a": "2"}), APPLY, fieldManager="two", force="true")
        self.assertEqual((forced.status, forced.json["data"]), (200, {"a": "2"}))

    def test_an_unknown_patch_type_is_refused(self):
        self.make(self.config_maps, config_map("type"))
        self.assertEqual(self.client.call("PATCH", self.config_maps + "/type", "{}", "text/plain").status, 415)


class Lists(Contract):
    def test_lists_come_in_pages_of_one_moment(self):
        for i in range(7):
            self.make(self.config_maps, config_map(f"page-{i}", labels={"page": "yes"}))
        names, token, version = [], None, None
        while True:
            query = {"limit": "3", "labelSelector": "page=yes", **({"continue": token} if token else {})}
            page = self.client.call("GET", self.config_maps, **query).json
            version = version or page["metadata"]["resourceVersion"]
            self.assertEqual(page["metadata"]["resourceVersion"], version)
            names += [item["metadata"]["name"] for item in page["items"]]
            token = page["metadata"].get("continue")
            if not token:
                break
            if len(names) == 3:
                self.make(self.config_maps, config_map("page-0-late", labels={"page": "yes"}))
        self.assertEqual(names, [f"page-{i}" for i in range(7)])

    def test_selectors_by_label_and_field(self):
        for name, labels in (("s1", {"sel": "a"}), ("s2", {"sel": "b"}), ("s3", {"sel": "b", "old": "x"})):
            self.make(self.config_maps, config_map(name, labels=labels))

        def names(**query):
            return [i["metadata"]["name"] for i in self.client.call("GET", self.config_maps, **query).json["items"]]

        self.assertEqual(names(labelSelector="sel in (a,b),!old"), ["s1", "s2"])
        self.assertEqual(names(labelSelector="sel!=a,sel"), ["s2", "s3"])
        self.assertEqual(names(fieldSelector="metadata.name=s3"), ["s3"])
        self.refused(self.client.call("GET", self.config_maps, labelSelector="a in (", ), 400, "BadRequest")
        self.refused(self.client.call("GET", self.config_maps, fieldSelector="data.a=b"), 400, "BadRequest")

    def test_tables_have_the_columns_people_know(self):
        self.make(self.pods, pod("table"))
        table = self.client.call("GET", self.pods, accept="application/json;as=Table;v=v1;g=meta.k8s.io").json
        self.assertEqual(table["kind"], "Table")
        self.assertEqual([c["name"] for c in table["columnDefinitions"]], ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates"])
        row = next(r for r in table["rows"] if r["cells"][0] == "table")
        self.assertEqual(row["cells"][1:4], ["0/1", "Pending", 0] if isinstance(row["cells"][3], int) else ["0/1", "Pending", "0"])
        self.assertEqual(row["object"]["kind"], "PartialObjectMetadata")


class Watches(Contract):
    def test_a_watch_starts_after_its_version_and_tells_everything_in_order(self):
        version = self.client.call("GET", self.config_maps).json["metadata"]["resourceVersion"]

        def work():
            self.make(self.config_maps, config_map("watched", {"a": "1"}))
            self.client.call("PATCH", self.config_maps + "/watched", {"data": {"a": "2"}}, MERGE)
            self.client.call("DELETE", self.config_maps + "/watched")

        thread = threading.Timer(0.2, work)
        thread.start()
        seen = []
        for event in self.client.watch(self.config_maps, resourceVersion=version, fieldSelector="metadata.name=watched"):
            seen.append((event["type"], event["object"]["data"]["a"]))
            if event["type"] == "DELETED":
                break
        thread.join()
        self.assertEqual(seen, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])

    def test_leaving_a_selector_looks_like_a_deletion(self):
        made = self.make(self.config_maps, config_map("leaves", labels={"in": "yes"}))
        self.client.call("PATCH", self.config_maps + "/leaves", {"metadata": {"labels": {"in": "no"}}}, MERGE)
        events = self.client.watch(self.config_maps, timeout=2, resourceVersion=made["metadata"]["resourceVersion"], labelSelector="in=yes")
        self.assertEqual([e["type"] for e in events], ["DELETED"])

    def test_a_version_of_the_far_past_is_gone(self):
        first = next(iter(self.client.watch(self.config_maps, resourceVersion="1")))
        if first["type"] != "ERROR":
            self.skipTest("this server is so young that it still has its whole history")
        self.assertEqual((first["type"], first["object"]["code"], first["object"]["reason"]), ("ERROR", 410, "Expired"))

    def test_initial_events_end_with_a_bookmark(self):
        self.make(self.config_maps, config_map("initial"))
        query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
        names = []
        for event in self.client.watch(self.config_maps, **query):
            if event["type"] == "BOOKMARK":
                self.assertEqual(event["object"]["metadata"]["annotations"], {"k8s.io/initial-events-end": "true"})
                break
            names.append(event["object"]["metadata"]["name"])
        self.assertIn("initial", names)


class Deletion(Contract):
    def test_finalizers_hold_an_object(self):
        self.make(self.config_maps, config_map("held", finalizers=["example.com/hold"]))
        path = self.config_maps + "/held"
        self.client.call("DELETE", path)
        self.assertIn("deletionTimestamp", self.client.call("GET", path).json["metadata"])
        self.client.call("PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
        self.refused(self.client.call("GET", path), 404, "NotFound")

    def test_preconditions_protect_a_successor(self):
        self.make(self.config_maps, config_map("successor"))
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "11111111-2222-3333-4444-555555555555"}}
        self.refused(self.client.call("DELETE", self.config_maps + "/successor", options), 409, "Conflict")

    def test_an_unbound_pod_goes_at_once_and_a_bound_one_gets_its_grace(self):
        self.make(self.pods, pod("unbound"))
        self.client.call("DELETE", self.pods + "/unbound")
        self.refused(self.client.call("GET", self.pods + "/unbound"), 404, "NotFound")
        self.make(self.pods, pod("bound", nodeName="contract-node-that-is-nobody"))
        deleted = self.client.call("DELETE", self.pods + "/bound").json
        self.assertEqual(deleted["metadata"]["deletionGracePeriodSeconds"], 30)
        self.client.call("DELETE", self.pods + "/bound", gracePeriodSeconds="0")
        self.refused(self.client.call("GET", self.pods + "/bound"), 404, "NotFound")

    def test_a_collection_is_deleted_by_selector(self):
        for name, group in (("c1", "x"), ("c2", "x"), ("c3", "y")):
            self.make(self.config_maps, config_map(name, labels={"group": group}))
        self.client.call("DELETE", self.config_maps, labelSelector="group=x")
        left = self.client.call("GET", self.config_maps, labelSelector="group").json["items"]
        self.assertEqual([i["metadata"]["name"] for i in left], ["c3"])


class Subresources(Contract):
    def bind(self, name, node, uid=None):
        return self.client.call("POST", f"{self.pods}/{name}/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": name, **({"uid": uid} if uid else {})},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node}})

    def test_a_pod_is_bound_once(self):
        made = self.make(self.pods, pod("binds"))
        self.refused(self.bind("binds", "n1", "11111111-2222-3333-4444-555555555555"), 409, "Conflict")
        self.assertEqual(self.bind("binds", "n1", made["metadata"]["uid"]).status, 201)
        bound = self.client.call("GET", self.pods + "/binds").json
        self.assertEqual(bound["spec"]["nodeName"], "n1")
        self.assertIn(("PodScheduled", "True"), [(c["type"], c["status"]) for c in bound["status"]["conditions"]])
        self.refused(self.bind("binds", "n2"), 409, "Conflict")
        self.client.call("DELETE", self.pods + "/binds", gracePeriodSeconds="0")

    def test_scale_reads_and_writes_replicas(self):
        self.make(self.deployments, deployment("scales", 2))
        path = self.deployments + "/scales/scale"
        scale = self.client.call("GET", path).json
        self.assertEqual((scale["kind"], scale["spec"]["replicas"]), ("Scale", 2))
        changed = self.client.call("PATCH", path, {"spec": {"replicas": 0}}, MERGE).json
        self.assertEqual(changed["spec"].get("replicas", 0), 0)
        self.assertEqual(self.client.call("GET", self.deployments + "/scales").json["spec"]["replicas"], 0)

    def test_eviction_respects_a_budget(self):
        body = pod("budgeted")
        body["metadata"]["labels"] = {"app": "budgeted"}
        self.make(self.pods, body)
        self.make(f"/apis/policy/v1/namespaces/{self.ns}/poddisruptionbudgets", {
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "budgeted"}}}})
        self.client.call("PATCH", self.pods + "/budgeted/status", {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}, STRATEGIC)
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "budgeted"}}
        status = self.refused(self.client.call("POST", self.pods + "/budgeted/eviction", eviction), 429, "TooManyRequests")
        self.assertTrue(any(cause["reason"] == "DisruptionBudget" for cause in status["details"]["causes"]))


class BadInput(Contract):
    def test_broken_json(self):
        self.refused(self.client.call("POST", self.config_maps, '{"kind": '), 400, "BadRequest")

    def test_the_wrong_kind_for_a_path(self):
        self.refused(self.client.call("POST", self.config_maps, pod("x")), 400, "BadRequest")

    def test_an_unknown_path(self):
        self.assertEqual(self.client.call("GET", "/apis/no.such/v1/things").status, 404)
        self.assertEqual(self.client.call("GET", f"/api/v1/namespaces/{self.ns}/things").status, 404)

    def test_a_body_that_is_too_large(self):
        answer = self.client.call("POST", self.config_maps, config_map("large", {"a": "x" * 1_100_000}))
        self.assertIn(answer.status, (413, 422), answer.body[:200])

    def test_no_token_no_service(self):
        self.refused(self.client.call("GET", self.config_maps, token="wrong"), 401, "Unauthorized")

    def test_unknown_fields_by_field_validation(self):
        body = dict(config_map("unknown"), datum={})
        self.refused(self.client.call("POST", self.config_maps, body, fieldValidation="Strict"), 400, "BadRequest")
        warned = self.client.call("POST", self.config_maps, body, fieldValidation="Warn")
        self.assertEqual(warned.status, 201)
        self.assertIn(r'unknown field \"datum\"', warned.headers["Warning"])
        self.assertNotIn("datum", warned.json)

    def test_an_unsupported_method(self):
        self.refused(self.client.call("PUT", self.config_maps, config_map("x")), 405, "MethodNotAllowed")


class Discovery(Contract):
    def test_the_documents_that_clients_start_from(self):
        self.assertEqual(self.client.call("GET", "/version").json["major"], "1")
        self.assertIn("v1", self.client.call("GET", "/api").json["versions"])
        groups = {g["name"] for g in self.client.call("GET", "/apis").json["groups"]}
        self.assertLessEqual({"apps", "batch", "policy", "coordination.k8s.io", "events.k8s.io", "apiextensions.k8s.io"}, groups)
        resources = {r["name"]: r for r in self.client.call("GET", "/api/v1").json["resources"]}
        self.assertEqual((resources["pods"]["kind"], resources["pods"]["shortNames"], resources["pods"]["namespaced"]), ("Pod", ["po"], True))
        self.assertLessEqual({"pods/status", "pods/binding", "pods/eviction"}, set(resources))

    def test_aggregated_discovery(self):
        answer = self.client.call("GET", "/apis", accept="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
        self.assertEqual(answer.json["kind"], "APIGroupDiscoveryList")
        apps = next(g for g in answer.json["items"] if g["metadata"]["name"] == "apps")
        self.assertIn("deployments", [r["resource"] for r in apps["versions"][0]["resources"]])

    def test_openapi(self):
        index = self.client.call("GET", "/openapi/v3").json["paths"]
        self.assertIn("apis/apps/v1", index)
        document = self.client.call("GET", index["apis/apps/v1"]["serverRelativeURL"]).json
        self.assertIn("io.k8s.api.apps.v1.Deployment", document["components"]["schemas"])


class CustomResources(Contract):
    def test_a_defined_kind_is_served_pruned_and_defaulted(self):
        group = f"{self.ns}.example.com"
        crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"widgets.{group}"},
               "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
                        "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                                      "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                                          "spec": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1, "default": 3}}}, "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}]}}
        definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        self.make(definitions, crd)
        self.addCleanup(self.client.call, "DELETE", f"{definitions}/widgets.{group}")
        for event in self.client.watch(definitions, fieldSelector=f"metadata.name=widgets.{group}"):
            if {"type": "Established", "status": "True"}.items() <= next((c for c in event["object"].get("status", {}).get("conditions", []) if c["type"] == "Established"), {}).items():
                break
        path = f"/apis/{group}/v1/namespaces/{self.ns}/widgets"
        for _ in range(50):
            if self.client.call("GET", path).status == 200:
                break
            threading.Event().wait(0.1)
        made = self.make(path, {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"colour": "red"}, "status": {"seen": True}})
        self.assertEqual(made["spec"], {"size": 3})
        self.assertNotIn("status", made)
        self.refused(self.client.call("PATCH", path + "/w", {"spec": {"size": 0}}, MERGE), 422, "Invalid")
        status = self.client.call("PATCH", path + "/w/status", {"status": {"seen": True}}, MERGE).json
        self.assertEqual(status["status"], {"seen": True})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    KUBECONFIG = sys.argv.pop(1)
    unittest.main()
