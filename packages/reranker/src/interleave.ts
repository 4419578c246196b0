/** One list made of two, and which of them each place was drawn for. */
export interface Interleaved<T> {
  readonly items: readonly T[];
  readonly teams: readonly ('first' | 'second')[];
}

/**
 * Team-draft interleaving (Radlinski, Kurup & Joachims 2008): in each round both lists draw their best item that is not there yet, in an order that a coin decides. Clicks on the list then compare the two
 * without the bias of position. `random` gives numbers in [0, 1); keep the answer with the request, to credit its clicks.
 */
export function teamDraft<T>(first: readonly T[], second: readonly T[], random: () => number = Math.random): Interleaved<T> {
  const taken = new Set<T>();
  const items: T[] = [];
  const teams: ('first' | 'second')[] = [];
  const places = { first: 0, second: 0 };
  const lists = { first, second };
  const draw = (team: 'first' | 'second') => {
    const list = lists[team];
    while (places[team] < list.length && taken.has(list[places[team]]!)) places[team] += 1;
    if (places[team] === list.length) return;
    const item = list[places[team]]!;
    taken.add(item);
    items.push(item);
    teams.push(team);
  };

  const all = new Set([...first, ...second]).size;
  while (items.length < all) {
    const heads = random() < 0.5;
    draw(heads ? 'first' : 'second');
    draw(heads ? 'second' : 'first');
  }
  return { items, teams };
}

/** Which list won the clicks of one request: 1 the second (the reranked one, by our use), -1 the first, 0 neither. Clicks are places in the interleaved list; a repeated one counts once. */
export function creditClicks({ teams }: Interleaved<unknown>, clicks: readonly number[]): -1 | 0 | 1 {
  const won = [...new Set(clicks)].map((place) => teams[place]).filter((team) => team !== undefined);
  const second = won.filter((team) => team === 'second').length;
  return Math.sign(2 * second - won.length) as -1 | 0 | 1;
}
