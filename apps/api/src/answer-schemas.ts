import { z } from '@hono/zod-openapi';
import type { Citation } from '@resift/rag';
import type { Answer } from './chat-run.ts';

/** A stretch of the answer and the words of a source that carry it. */
export interface CitationBody {
  source: string;
  start: number;
  end: number;
  quote: string;
  quote_start: number;
  quote_end: number;
}

export const citationSchema: z.ZodType<CitationBody> = z
  .object({
    source: z.string().openapi({ description: 'The `id` of one of the sources.' }),
    start: z.int(),
    end: z.int(),
    quote: z.string(),
    quote_start: z.int().openapi({ description: 'Offset into the text that `GET /v1/documents/{id}` returns.' }),
    quote_end: z.int(),
  })
  .openapi('Citation');

/** In the words of the HTTP API. */
export const citationBody = ({ source, start, end, quote, quoteStart, quoteEnd }: Citation): CitationBody => ({
  source,
  start,
  end,
  quote,
  quote_start: quoteStart,
  quote_end: quoteEnd,
});

/** The end of an answer, in the words of the HTTP API. */
export function answerBody({ answer, abstained, citations, groundedness, usage, timings }: Answer): {
  answer: string;
  abstained: boolean;
  citations: CitationBody[];
  groundedness?: Answer['groundedness'];
  usage: Record<string, number>;
  timings: Record<string, number>;
} {
  return {
    answer,
    abstained,
    citations: citations.map(citationBody),
    ...(groundedness !== undefined && { groundedness }),
    usage: { ...usage },
    timings: { ...timings },
  };
}
