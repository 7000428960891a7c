"""Seconds that gensim's PoincareModel takes for one epoch over a relation: python gensimEpoch.py PAIRS.tsv [SIZE NEGATIVE]

PAIRS.tsv holds one pair a line, item<TAB>related item; `npm run experiment -- wordnet --scale full` writes out/pairs.tsv.
Everything else is gensim's default: batches of 10 pairs, no workers but one. Indexing the relation is not counted.
"""

import json
import sys
import time

import gensim
from gensim.models.poincare import PoincareModel, PoincareRelations


def main():
    size, negative = (int(value) for value in sys.argv[2:4]) if len(sys.argv) > 2 else (10, 10)
    model = PoincareModel(PoincareRelations(sys.argv[1]), size=size, negative=negative, burn_in=0, seed=1)
    wall, cpu = time.perf_counter(), time.process_time()
    model.train(epochs=1)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({
        "gensim": gensim.__version__,
        "pairs": len(model.all_relations),
        "size": size,
        "negative": negative,
        "seconds": round(seconds, 1),
        "cpuSeconds": round(cpu_seconds, 1),
    }))


main()
