import { afterAll, beforeAll, expect, it } from 'vitest';
import { overlap } from './fakes.ts';
import { hostedFamilies, type RankServer, startRankServer } from './rank-server.ts';
import { describeReranker } from './reranker.ts';

let server: RankServer;
/** Judges by word overlap, over the wire. */
beforeAll(async () => {
  server = await startRankServer(overlap);
});
afterAll(() => server.close());

for (const [name, open] of Object.entries(hostedFamilies)) describeReranker(name, () => open(server.url));
describeReranker('TEI, four documents a request', () => hostedFamilies['TEI']!(server.url, 4));

it.each(Object.keys(hostedFamilies))('%s splits what is more than one request may hold, and merges it by index', async (name) => {
  const small = await startRankServer(overlap);
  const documents = Array.from({ length: 10 }, (_, i) => ({
    id: String(i),
    text: `star ${i === 7 ? 'film' : 'water'} ${i}`,
  }));
  try {
    const { items, status } = await hostedFamilies[name]!(small.url, 3).rerank('film star', documents);
    expect([small.most(), items.length, items[0]!.document.id, status.status]).toEqual([3, 10, '7', 'applied']);
  } finally {
    small.close();
  }
});
