import { ResiftError, type TokenEmbedder } from '@resift/core';
import { checkId } from '../stores/check-documents.ts';
import type { Bits } from './codec.ts';
import type { Manifest } from './manifest.ts';
import type { PlaidDocument } from './pack-documents.ts';

/** All documents of one call, before any work is done for them. */
export function checkPlaidDocuments(documents: readonly PlaidDocument[]): void {
  if (!Array.isArray(documents)) throw invalid('documents', `Expected documents to be a list, got ${typeof documents}.`);
  const ids = new Set<string>();
  for (const [index, document] of documents.entries()) {
    const field = `documents[${index}]`;
    if (document === null || typeof document !== 'object') throw invalid(field, `Expected ${field} to be an object, got ${document}.`);
    const id = checkId(document.id, `${field}.id`);
    if (ids.has(id)) throw invalid(`${field}.id`, `${field}.id repeats an id: expected the ids of one call to be unique.`);
    ids.add(id);
    if (typeof document.text !== 'string') {
      throw invalid(`${field}.text`, `Expected ${field}.text to be a string, got ${typeof document.text}.`);
    }
  }
}

export function checkBuildOptions({
  bits,
  seed,
  centroids,
}: {
  readonly bits: Bits;
  readonly seed: number;
  readonly centroids: number;
}): void {
  if (![1, 2, 4].includes(bits)) throw new ResiftError('invalid_config', `Expected \`bits\` to be 1, 2 or 4, got ${bits}.`);
  if (!Number.isSafeInteger(seed)) throw new ResiftError('invalid_config', `Expected \`seed\` to be a whole number, got ${seed}.`);
  if (!Number.isInteger(centroids) || centroids < 1 || centroids > MOST_CENTROIDS) {
    throw new ResiftError('invalid_config', `Expected \`centroids\` to be a whole number from 1 to ${MOST_CENTROIDS}, got ${centroids}.`);
  }
}

/** A centroid's number has two bytes on disk. */
const MOST_CENTROIDS = 65_536;

/** Vectors of two models never meet. */
export function checkEmbedder({ embedder: stored }: Manifest, { id, tokenDimensions }: TokenEmbedder, directory: string): void {
  if (stored.id === id && stored.dimensions === tokenDimensions) return;
  throw new ResiftError(
    'invalid_config',
    `The index in ${directory} was built with the embedder ${stored.id}, not with ${id}: open it with that one, or build it again.`,
    { details: { reason: 'embedder_mismatch', stored: stored.id, given: id } },
  );
}

function invalid(field: string, message: string): ResiftError {
  return new ResiftError('invalid_input', message, { details: { field } });
}
