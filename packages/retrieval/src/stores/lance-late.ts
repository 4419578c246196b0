import { join } from 'node:path';
import { ResiftError, type TokenEmbedder } from '@resift/core';
import { createLateLegs, type LateLegs } from '../late/late-legs.ts';
import { type EncodingMemory, keptEncodings } from './kept-encodings.ts';
import type { LanceCollection } from './lance-collection.ts';
import type { Ingestion } from './prepare-documents.ts';

export interface LanceLate extends Pick<Ingestion, 'tokenizer'> {
  readonly embedder: TokenEmbedder;
  readonly directory: string;
  readonly indexFrom: number;
  readonly mostBytes: number;
  readonly memory: EncodingMemory;
  /** The open collection of this name. */
  readonly collection: (name: string) => Promise<LanceCollection>;
}

/** Late interaction over LanceDB tables: the index of table `name.lance` is the folder `name.plaid` beside it. */
export function lanceLate({ collection, memory, directory, ...settings }: LanceLate): LateLegs {
  return createLateLegs({
    ...settings,
    directory: (name) => join(directory, `${name}.plaid`),
    source(name) {
      const packed = async (ids: readonly string[]) => (await collection(name)).packed(ids);
      return {
        async *scan() {
          const { tokenVectors, scan } = await collection(name);
          if (tokenVectors !== 'kept') throw notKept(name, tokenVectors === 'other model');
          yield* scan();
        },
        passagesOf: async (ids, filter) => (await collection(name)).passagesOf(ids, filter),
        packed,
        encodings: keptEncodings(packed, memory),
      };
    },
  });
}

function notKept(collection: string, otherModel: boolean): ResiftError {
  return new ResiftError(
    'invalid_config',
    `Collection ${JSON.stringify(collection)} has no token vectors of the model in use. Run \`resift reindex ${collection}\`.`,
    { details: { reason: otherModel ? 'embedder_mismatch' : 'token_vectors_missing', collection } },
  );
}
