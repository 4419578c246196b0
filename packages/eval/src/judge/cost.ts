import type { Usage } from '@resift/core';

/** What a provider charges, in any currency. */
export interface Price {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** Cost of a usage at a price, in the price's currency. */
export function cost({ inputTokens, outputTokens }: Usage, { inputPerMillion, outputPerMillion }: Price): number {
  return (inputTokens * inputPerMillion + outputTokens * outputPerMillion) / 1_000_000;
}
