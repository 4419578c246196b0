import type { Label, Passage, Scale } from '@resift/core';

/** Where retrieval alone had put a passage: rank from 1, score on the retriever's own scale. */
export interface FirstStage {
  readonly rank: number;
  readonly score: number;
}

/** One passage as search returns it and as a generator is given it. */
export interface Source {
  /** The passage's id. */
  readonly id: string;
  readonly documentId: string;
  readonly passage: Passage;
  /** Absent where this passage got no score though others did (the skipped tail). */
  readonly score?: number;
  /** What `score` means, one for the whole list; `first_stage` where no passage was scored: then `score` is the retriever's. */
  readonly scale: Scale | 'first_stage';
  readonly label?: Label;
  readonly firstStage: FirstStage;
}
