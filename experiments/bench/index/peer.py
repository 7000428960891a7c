"""One of hnswlib, usearch and faiss, named by the argument, asked one JSON line at a time: see protocol.ts."""
import json
import os
import sys
import time
from importlib.metadata import version

import numpy as np


def resident():
    """Bytes of memory in use; 0 where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except FileNotFoundError:
        return 0


def sum_of_parts(code):
    """The metric of codeOf in metric.ts, compiled for these numbers of columns, as an address."""
    import math

    from numba import carray, cfunc, njit, types

    parts = [tuple(code[i : i + 6]) for i in range(0, len(code), 6)]
    columns = int(max(max(start + size, gap + 1) for _, start, size, gap, _, _ in parts))

    def squared(start, end):
        @njit(fastmath=True, inline="always")
        def f(x, y):
            total = np.float32(0)
            for k in range(start, end):
                difference = x[k] - y[k]
                total += difference * difference
            return total

        return f

    def distance(kind, start, end, gap, weight, c):
        weight, scale = np.float32(weight), np.float32(weight / math.sqrt(c))
        twice, two = np.float32(2 * c), np.float32(2)
        apart = squared(start, end)

        @njit(fastmath=True, inline="always")
        def cosine(x, y):
            total = np.float32(0)
            for k in range(start, end):
                total += x[k] * y[k]
            return weight * (np.float32(1) - total)

        @njit(fastmath=True, inline="always")
        def euclidean(x, y):
            return weight * math.sqrt(apart(x, y))

        @njit(fastmath=True, inline="always")
        def poincare(x, y):
            t = twice * apart(x, y) * x[gap] * y[gap]
            return scale * math.log1p(t + math.sqrt(t * (t + two)))

        # Of a hyperbolic part alone the order is enough, and that needs no logarithm.
        @njit(fastmath=True, inline="always")
        def order(x, y):
            return apart(x, y) * x[gap] * y[gap]

        if kind == 2 and len(parts) == 1:
            return order
        return (cosine, euclidean, poincare)[kind]

    if len(parts) > 2:
        raise SystemExit("peer.py: expected one or two parts")
    whole = [
        distance(int(kind), int(start), int(start + size), int(gap), weight, c)
        for kind, start, size, gap, weight, c in parts
    ]
    first, second = whole[0], whole[-1]
    two_parts = len(parts) == 2

    @cfunc(types.float32(types.CPointer(types.float32), types.CPointer(types.float32)), fastmath=True)
    def metric(a, b):
        x, y = carray(a, columns), carray(b, columns)
        if two_parts:
            return first(x, y) + second(x, y)
        return first(x, y)

    return metric


class Hnswlib:
    version = "hnswlib {} (Python)"
    needs = ["hnswlib"]

    def __init__(self, question, vectors):
        import hnswlib

        self.library, self.question, self.vectors = hnswlib, question, vectors

    def build(self, threads):
        q = self.question
        self.index = self.library.Index(space="l2", dim=q["columns"])
        self.index.init_index(len(self.vectors), M=q["m"], ef_construction=q["efConstruction"], random_seed=q["seed"])
        self.index.add_items(self.vectors, num_threads=threads)

    def search(self, queries, k, ef, threads):
        self.index.set_ef(ef)
        return self.index.knn_query(queries, k=k, num_threads=threads)[0]


class Usearch:
    version = "usearch {} (Python)"
    needs = ["usearch"]

    def __init__(self, question, vectors):
        from usearch.index import Index

        self.kind, self.question, self.vectors = Index, question, vectors
        self.keys = np.arange(len(vectors), dtype=np.uint64)
        self.metric = "l2sq"
        if question["parts"]:
            from usearch.index import CompiledMetric, MetricKind, MetricSignature

            self.compiled = sum_of_parts(question["parts"])
            self.metric = CompiledMetric(
                pointer=self.compiled.address, kind=MetricKind.L2sq, signature=MetricSignature.ArrayArray
            )
            self.version = "usearch {}, numba {} (Python)"
            self.needs = ["usearch", "numba"]

    def build(self, threads):
        q = self.question
        self.index = self.kind(
            ndim=q["columns"], metric=self.metric, dtype="f32", connectivity=q["m"], expansion_add=q["efConstruction"]
        )
        self.index.add(self.keys, self.vectors, threads=threads, copy=True)

    def search(self, queries, k, ef, threads):
        self.index.expansion_search = ef
        self.found = self.index.search(queries, k, threads=threads)
        return self.found.keys

    def distances(self):
        return self.found.computed_distances


class Faiss:
    version = "faiss-cpu {} (Python)"
    needs = ["faiss-cpu"]

    def __init__(self, question, vectors):
        import faiss

        self.library, self.question, self.vectors = faiss, question, vectors

    def build(self, threads):
        q = self.question
        self.library.omp_set_num_threads(threads)
        self.index = self.library.IndexHNSWFlat(q["columns"], q["m"])
        self.index.hnsw.efConstruction = q["efConstruction"]
        self.index.add(self.vectors)

    def search(self, queries, k, ef, threads):
        self.library.omp_set_num_threads(threads)
        self.index.hnsw.efSearch = ef
        self.library.cvar.hnsw_stats.reset()
        return self.index.search(queries, k)[1]

    def distances(self):
        return self.library.cvar.hnsw_stats.ndis


def floats(path, columns):
    return np.fromfile(path, dtype=np.float32).reshape(-1, columns)


def repeat(work, seconds):
    """How often the work was done until these seconds had passed, and how many really had."""
    times, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        work()
        times += 1
    return times, elapsed


def answers(kind):
    for line in sys.stdin:
        q = json.loads(line)
        if q["task"] == "open":
            queries = floats(q["queries"], q["columns"])
            side, k = kind(q, floats(q["vectors"], q["columns"])), q["k"]
            yield {"version": side.version.format(*map(version, side.needs))}
        elif q["task"] == "build":
            side.index = None
            before, start = resident(), time.perf_counter()
            side.build(q["threads"])
            yield {"seconds": time.perf_counter() - start, "resident": resident() - before}
        elif q["task"] == "search":
            search = lambda: side.search(queries, k, q["ef"], q["threads"])
            labels = search()
            repeat(search, q["warmUp"])
            times, elapsed = repeat(search, q["seconds"])
            per_second = times * len(queries) / elapsed if times else 0
            yield {"perSecond": per_second, "neighbors": labels.astype(np.int64).ravel().tolist()}
        elif q["task"] == "count":
            if not hasattr(side, "distances"):
                yield {"distances": None}
                continue
            side.search(queries, k, q["ef"], 1)
            yield {"distances": side.distances() / len(queries)}


def main():
    kinds = {"hnswlib": Hnswlib, "usearch": Usearch, "faiss": Faiss}
    for answer in answers(kinds[sys.argv[1]]):
        print(json.dumps(answer), flush=True)


main()
