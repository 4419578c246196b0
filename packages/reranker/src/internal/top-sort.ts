type Compare = (a: number, b: number) => Promise<number>;

/**
 * The best `top` by heap selection, then the rest as it was. `compare` is above 0 where `a` is better; of equals the earlier stays ahead, whatever the heap does.
 */
export async function heapTop(positions: readonly number[], top: number, compare: Compare): Promise<number[]> {
  return heapSelect(positions, top, 2, async ([first, ...others]) => {
    let best = first!;
    for (const other of others) {
      const sign = await compare(best, other);
      if (sign < 0 || (sign === 0 && other < best)) best = other;
    }
    return best;
  });
}

/** The best `top` with a heap of `arity` children per node, where `best` picks one of a parent and its children (setwise, Zhuang et al. 2024). */
export async function heapSelect(
  positions: readonly number[],
  top: number,
  arity: number,
  best: (candidates: readonly number[]) => Promise<number>,
): Promise<number[]> {
  const heap = [...positions];
  const sift = async (from: number) => {
    for (let parent = from; ; ) {
      const children = heap.slice(arity * parent + 1, arity * parent + 1 + arity);
      if (children.length === 0) return;
      const winner = await best([heap[parent]!, ...children]);
      if (winner === heap[parent]) return;
      const child = arity * parent + 1 + children.indexOf(winner);
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      parent = child;
    }
  };

  for (let parent = Math.floor((heap.length - 2) / arity); parent >= 0; parent--) await sift(parent);
  const selected: number[] = [];
  while (selected.length < top && heap.length > 0) {
    selected.push(heap[0]!);
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      if (selected.length < top) await sift(0);
    }
  }
  return [...selected, ...heap.sort((a, b) => a - b)];
}

/** The best `top` by bubbling from the end: after pass i, place i is settled. Stops early where a pass moves nothing. */
export async function bubbleTop(positions: readonly number[], top: number, compare: Compare): Promise<number[]> {
  const order = [...positions];
  for (let settled = 0; settled < Math.min(top, order.length - 1); settled++) {
    let moved = false;
    for (let i = order.length - 1; i > settled; i--) {
      if ((await compare(order[i - 1]!, order[i]!)) >= 0) continue;
      [order[i - 1], order[i]] = [order[i]!, order[i - 1]!];
      moved = true;
    }
    if (!moved) break;
  }
  return order;
}
