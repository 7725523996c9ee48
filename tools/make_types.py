#!/usr/bin/env python3
"""Writes src/sandbox/schema/builtin_types.txt: the facts of the built-in Kubernetes types.

    go mod download k8s.io/kubernetes@v1.37.2 k8s.io/api@v0.37.2 ...
    tools/make_types.py > src/sandbox/schema/builtin_types.txt

Reads the OpenAPI and discovery documents of the k8s.io/kubernetes module, and the struct tags of
the Go types for what the documents do not say: which fields vanish when they are empty. Only names
and facts are taken, no descriptions. The format is described in schema/type_table.h.
"""
import glob
import json
import re
import subprocess
import sys

VERSION = "1.37.2"
CACHE = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip()
KUBERNETES = f"{CACHE}/k8s.io/kubernetes@v{VERSION}"
STAGING = f"0{VERSION[1:]}"

SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "x",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "t",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "u",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Duration": "d",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "o",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch": "o",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "o",
}
# What is served besides the kinds of the discovery documents: bodies of subresources and requests.
EXTRA = [
    "io.k8s.api.autoscaling.v1.Scale",
    "io.k8s.api.policy.v1.Eviction",
    "io.k8s.api.core.v1.Binding",
    "io.k8s.api.authentication.v1.TokenRequest",
    "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
    "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
]


def load(path):
    with open(path) as file:
        return json.load(file)


# --- Go struct tags ---

def go_folder(package):
    """io.k8s.api.core.v1 -> the folder that declares it."""
    if package.startswith("io.k8s.api."):
        return f"{CACHE}/k8s.io/api@v{STAGING}/" + package[len("io.k8s.api."):].replace(".", "/")
    match = re.match(r"io\.k8s\.(apimachinery|apiextensions-apiserver|kube-aggregator)\.(.*)", package)
    return f"{CACHE}/k8s.io/{match[1]}@v{STAGING}/" + match[2].replace(".", "/") if match else None


GO = {}


def go_structs(package):
    """Struct name -> list of (json name, go type, tag options, inline)."""
    if package in GO:
        return GO[package]
    structs, folder = {}, go_folder(package)
    for path in sorted(glob.glob(f"{folder}/*types*.go") + glob.glob(f"{folder}/micro_time.go")) if folder else []:
        if path.endswith("_test.go") or "generated" in path:
            continue
        text = open(path).read()
        for match in re.finditer(r"^type (\w+) struct \{\n(.*?)^\}", text, re.M | re.S):
            fields = []
            for line in match[2].splitlines():
                tag = re.match(r'\s+(?:(\w+)\s+)?([\w\.\*\[\]]+)\s+`.*?json:"([^"]*)"', line)
                if tag:
                    name, _, options = tag[3].partition(",")
                    fields.append((name, tag[2], options.split(",")))
            structs[match[1]] = fields
    GO[package] = structs
    return structs


def go_fields(type_name):
    package, _, struct = type_name.rpartition(".")
    found = {}
    for name, go_type, options in go_structs(package).get(struct, []):
        if "inline" in options or (not name and options):
            embedded = go_type.lstrip("*")
            if "." not in embedded:
                found.update(go_fields(f"{package}.{embedded}"))
            elif embedded == "v1.LocalObjectReference":
                found.update(go_fields("io.k8s.api.core.v1.LocalObjectReference"))
        else:
            found[name] = (go_type, options)
    return found


def zero_flag(go, expression):
    """'.' vanishes when empty, '+' is written even when empty, '' only says what was said."""
    if go is None or go[0].startswith("*"):
        return ""
    collection = expression[0] in "[{"
    if expression[0] in "@tud":  # structs to Go: omitempty says nothing about them
        return "." if "omitzero" in go[1] else "+"
    if expression in "*o":
        return ""
    if "omitempty" in go[1] or "omitzero" in go[1]:
        return "+" if expression == "x" else "."
    return "" if collection else "+"


# --- OpenAPI ---

def expression_of(schema, definitions, wanted):
    if "allOf" in schema:
        schema = {**schema, **schema["allOf"][0]}
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in SCALARS:
            return SCALARS[name]
        target = definitions[name]
        if "properties" not in target:
            return {"string": "s", "object": "o"}.get(target.get("type"), "*")
        wanted.append(name)
        return "@" + name
    kind = schema.get("type")
    if kind == "array":
        keys = ",".join(schema.get("x-kubernetes-list-map-keys", []))
        mark = {None: "", "atomic": "a", "set": "s", "map": "m:" + keys}[schema.get("x-kubernetes-list-type")]
        return f"[{mark}]" + expression_of(schema["items"], definitions, wanted)
    if kind == "object":
        if "additionalProperties" not in schema:
            return "o"
        mark = "a" if schema.get("x-kubernetes-map-type") == "atomic" else ""
        return f"{{{mark}}}" + expression_of(schema["additionalProperties"], definitions, wanted)
    if kind == "string":
        return "y" if schema.get("format") == "byte" else "s"
    if kind == "integer":
        return "l" if schema.get("format") == "int64" else "i"
    return {"boolean": "b", "number": "n", None: "*"}[kind]


def patch_mark(schema):
    strategy = schema.get("x-kubernetes-patch-strategy")
    if not strategy:
        return ""
    key = schema.get("x-kubernetes-patch-merge-key")
    return f" ~{strategy}" + (f":{key}" if key else "")


def type_lines(name, definitions, defaults, wanted):
    definition = definitions[name]
    yield f"type {name}" + (" a" if definition.get("x-kubernetes-map-type") == "atomic" else "")
    go = go_fields(name)
    for field, schema in sorted(definition.get("properties", {}).items()):
        expression = expression_of(schema, definitions, wanted)
        required = "!" if field in definition.get("required", []) else ""
        line = f" {field}{required}{zero_flag(go.get(field), expression)} {expression}{patch_mark(schema)}"
        default = defaults.get((name, field))
        if default not in (None, {}, "", 0, False):
            line += " =" + json.dumps(default, separators=(",", ":"))
        yield line


def kinds():
    """Rows of what the real server serves by default: the stable versions."""
    resources = []
    for path in sorted(glob.glob(f"{KUBERNETES}/api/discovery/*.json")):
        document = load(path)
        group, _, version = document.get("groupVersion", "").rpartition("/")
        if document.get("kind") != "APIResourceList" or not re.fullmatch(r"v\d+", version):
            continue
        subresources = {}
        for resource in document["resources"]:
            plural, _, subresource = resource["name"].partition("/")
            if subresource:
                subresources.setdefault(plural, []).append(subresource)
        for resource in document["resources"]:
            if "/" not in resource["name"]:
                resources.append((group, version, resource, sorted(subresources.get(resource["name"], []))))
    return sorted(resources, key=lambda r: (r[0], r[1], r[2]["name"]))


def main():
    definitions = load(f"{KUBERNETES}/api/openapi-spec/swagger.json")["definitions"]
    defaults, by_kind = {}, {}
    for path in sorted(glob.glob(f"{KUBERNETES}/api/openapi-spec/v3/*__v*_openapi.json")):
        for name, definition in load(path)["components"].get("schemas", {}).items():
            for field, schema in definition.get("properties", {}).items():
                if "default" in schema:
                    defaults[(name, field)] = schema["default"]
    for name, definition in definitions.items():
        gvks = definition.get("x-kubernetes-group-version-kind", [])
        if len(gvks) == 1:
            by_kind[(gvks[0]["group"], gvks[0]["version"], gvks[0]["kind"])] = name
    print(f"# The built-in types of Kubernetes {VERSION}. Written by tools/make_types.py; the format is in type_table.h.")
    wanted = list(EXTRA)
    for group, version, resource, subresources in kinds():
        name = by_kind[(group, version, resource["kind"])]
        wanted.append(name)
        lists = [",".join(subresources), ",".join(resource.get("shortNames", [])), ",".join(resource.get("categories", [])),
                 ",".join(resource["verbs"])]
        print("kind", group or "-", version, resource["name"], resource["kind"], resource["singularName"],
              "N" if resource["namespaced"] else "C", *(text or "-" for text in lists), name)
    done, lines = set(), {}
    while wanted:
        name = wanted.pop()
        if name not in done:
            done.add(name)
            lines[name] = list(type_lines(name, definitions, defaults, wanted))
    for name in sorted(lines):
        print("\n".join(lines[name]))


if __name__ == "__main__":
    sys.exit(main())
