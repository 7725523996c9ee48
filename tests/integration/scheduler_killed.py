#!/usr/bin/env python3
"""The scheduler is killed again and again while the samples run on a sandbox: no pod is bound twice, none is lost.

    scheduler_killed.py EBB SEED

Everything that ever happened to a pod's spec.nodeName is read from a watch that no scheduler can influence.
"""
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "contract"))
from client import Client  # noqa: E402

ROOT = pathlib.Path(__file__).parent.parent.parent


def main():
    ebb, seed = sys.argv[1], int(sys.argv[2])
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = f"{folder}/kubeconfig"
        sandbox = subprocess.Popen([ebb, "up", "--nodes", "3", "--speed", "15", "--no-scheduler", "--kubeconfig", kubeconfig], stdout=subprocess.PIPE, text=True)
        try:
            assert sandbox.stdout.readline().startswith("ready "), "the sandbox did not start"
            run(ebb, kubeconfig, draw)
        finally:
            sandbox.send_signal(signal.SIGTERM)
            assert sandbox.wait(30) == 0, "the sandbox did not stop cleanly"


def run(ebb, kubeconfig, draw):
    client = Client(kubeconfig)
    bound, twice = {}, []

    def follow():
        version = client.call("GET", "/api/v1/pods").json["metadata"]["resourceVersion"]
        for _ in range(1000):
            for event in client.watch("/api/v1/pods", timeout=300, resourceVersion=version):
                metadata = event["object"]["metadata"]
                version = metadata.get("resourceVersion", version)
                node = event["object"].get("spec", {}).get("nodeName")
                if event["type"] in ("ADDED", "MODIFIED") and node and bound.setdefault(metadata["uid"], node) != node:
                    twice.append(metadata["name"])

    def follow_to_the_end():
        try:
            follow()
        except OSError:
            pass   # the sandbox has ended

    threading.Thread(target=follow_to_the_end, daemon=True).start()
    subprocess.run([ebb, "apply", "--kubeconfig", kubeconfig, "--create-namespaces", "-f", ROOT / "deploy" / "samples"], check=True, stdout=subprocess.DEVNULL)

    def counts():
        job = client.call("GET", "/apis/batch/v1/namespaces/offline/jobs/data-analytics-job").json.get("status", {})
        web = client.call("GET", "/apis/apps/v1/namespaces/production/deployments/online-web-service").json.get("status", {})
        return job.get("succeeded", 0), job.get("failed", 0), web.get("readyReplicas", 0)

    scheduler, kills = None, 0
    deadline = time.monotonic() + 120
    while True:
        succeeded, failed, ready = counts()
        if (succeeded, ready) == (50, 5) and kills >= 5:
            break
        assert time.monotonic() < deadline, f"{succeeded} of 50 completed, {ready} of 5 ready after {kills} kills"
        scheduler = subprocess.Popen([ebb, "scheduler", "--kubeconfig", kubeconfig, "--no-leader-election"], stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.02, 0.5))
        scheduler.kill()
        scheduler.wait()
        kills += 1
    assert len(bound) >= 55, f"only {len(bound)} bindings were seen"
    assert not twice, f"bound twice: {twice}"
    assert failed == 0, f"{failed} offline pods failed"
    print(f"{kills} kills: 50 of 50 completed, 5 of 5 ready, {len(bound)} pods bound once each")


if __name__ == "__main__":
    main()
