import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cohereReranker } from '@resift/models/hosted-cohere';
import { teiReranker } from '@resift/models/hosted-tei';
import { afterAll, beforeAll } from 'vitest';
import { overlap } from './fakes.ts';
import { describeReranker } from './reranker.ts';

let server: Server;
let url = '';

/** Judges by word overlap, over the wire, best first as most servers do. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        const { query, texts, documents } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Record<string, string[]> & {
          query: string;
        };
        const results = (documents ?? texts ?? [])
          .map((text, index) => ({ index, relevance_score: overlap(query, text) }))
          .sort((a, b) => b.relevance_score - a.relevance_score);
        response.end(JSON.stringify(texts ? results : { results }));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describeReranker('Cohere', () => cohereReranker({ model: 'm', url }));
describeReranker('TEI, four documents a request', () => teiReranker({ model: 'm', url, maxDocuments: 4 }));
