/**
 * The `topK` highest positive scores, best first, equal ones by key in code-unit order, so that the answer does not depend on the
 * order in which the texts came. One pass with a heap of `topK` entries.
 */
export function bestOf(scores: Float64Array, topK: number, keyOf: (slot: number) => string): { key: string; score: number }[] {
  const heap: number[] = []; // the worst of the best on top
  const better = (a: number, b: number) => scores[a]! > scores[b]! || (scores[a] === scores[b] && keyOf(a) < keyOf(b));

  for (let slot = 0; slot < scores.length; slot++) {
    if (!(scores[slot]! > 0)) continue;
    if (heap.length < topK) {
      heap.push(slot);
      rise(heap, better);
    } else if (better(slot, heap[0]!)) {
      heap[0] = slot;
      sink(heap, better);
    }
  }
  return heap.sort((a, b) => (better(a, b) ? -1 : 1)).map((slot) => ({ key: keyOf(slot), score: scores[slot]! }));
}

function rise(heap: number[], better: (a: number, b: number) => boolean) {
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!better(heap[parent]!, heap[child]!)) return;
    [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
    child = parent;
  }
}

function sink(heap: number[], better: (a: number, b: number) => boolean) {
  let parent = 0;
  for (;;) {
    let worst = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (child < heap.length && better(heap[worst]!, heap[child]!)) worst = child;
    }
    if (worst === parent) return;
    [heap[parent], heap[worst]] = [heap[worst]!, heap[parent]!];
    parent = worst;
  }
}
