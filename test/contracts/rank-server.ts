import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Reranker } from '@resift/core';
import { cohereReranker } from '@resift/models/hosted-cohere';
import { compatibleReranker } from '@resift/models/hosted-compatible';
import { jinaReranker } from '@resift/models/hosted-jina';
import { mixedbreadReranker } from '@resift/models/hosted-mixedbread';
import { pineconeReranker } from '@resift/models/hosted-pinecone';
import { teiReranker } from '@resift/models/hosted-tei';
import { voyageReranker } from '@resift/models/hosted-voyage';

interface Asked {
  readonly query: string;
  readonly documents?: readonly (string | { readonly text: string })[];
  readonly texts?: readonly string[];
  readonly input?: readonly string[];
  readonly return_input?: boolean;
}

/** A loopback server that answers in each provider's own form, best first as most do. */
export interface RankServer {
  readonly url: string;
  /** Most documents that one request held. */
  readonly most: () => number;
  close(): void;
}

/** `score` may give null: what JSON makes of NaN. */
export async function startRankServer(score: (query: string, text: string) => number | null): Promise<RankServer> {
  let most = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        const asked = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Asked;
        const texts = (asked.documents ?? asked.texts ?? asked.input ?? []).map((given) =>
          typeof given === 'string' ? given : given.text,
        );
        most = Math.max(most, texts.length);
        const scores = texts.map((text, index) => ({ index, value: score(asked.query, text) }));
        scores.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
        const name = request.url === '/rerank' || request.url === '/v1/reranking' ? 'score' : 'relevance_score';
        const found = scores.map(({ index, value }) => ({ index, [name]: value }));
        // TEI gives a bare list, Pinecone, Voyage and Mixedbread `data`, the others `results`.
        const voyage = request.headers['authorization'] === 'Bearer voyage';
        response.end(JSON.stringify(asked.texts ? found : name === 'score' || voyage ? { data: found } : { results: found }));
      });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    most: () => most,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Every hosted family, by name, against such a server. */
export const hostedFamilies: Readonly<Record<string, (url: string, maxDocuments?: number) => Reranker>> = {
  Cohere: (url, maxDocuments) => cohereReranker({ model: 'm', url, maxDocuments }),
  Jina: (url, maxDocuments) => jinaReranker({ model: 'm', url, maxDocuments }),
  Voyage: (url, maxDocuments) => voyageReranker({ model: 'm', key: 'voyage', url, maxDocuments }),
  Mixedbread: (url, maxDocuments) => mixedbreadReranker({ model: 'm', url, maxDocuments }),
  Pinecone: (url, maxDocuments) => pineconeReranker({ model: 'm', url, maxDocuments }),
  TEI: (url, maxDocuments) => teiReranker({ model: 'm', url, maxDocuments }),
  'vLLM, Infinity and the like': (url, maxDocuments) => compatibleReranker({ model: 'm', url, maxDocuments }),
};
