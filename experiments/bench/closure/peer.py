"""Seconds that gensim's PoincareModel takes for one epoch over a relation: one JSON question a line.

The question's file holds one pair a line, item<TAB>related item. But for the size everything is gensim's default: 10
negatives a pair, batches of 10 pairs, one worker. Indexing the relation is not counted.
"""
import json
import sys
import time

import gensim
from gensim.models.poincare import PoincareModel, PoincareRelations


def main():
    for line in sys.stdin:
        question = json.loads(line)
        model = PoincareModel(PoincareRelations(question["pairs"]), size=question["size"], burn_in=0, seed=1)
        start = time.perf_counter()
        model.train(epochs=1)
        answer = {"seconds": time.perf_counter() - start, "pairs": len(model.all_relations), "gensim": gensim.__version__}
        print(json.dumps(answer), flush=True)


main()
