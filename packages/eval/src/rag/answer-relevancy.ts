import { addUsage, type ChatModel, type Embedder, noUsage, ResiftError } from '@resift/core';
import { QUESTION_BACK } from '../judge/prompts.ts';
import { bit, fields, type StructuredOptions, structured, text } from '../judge/structured.ts';
import type { RagSample, RagScore } from './sample.ts';

type Answered = Pick<RagSample, 'question' | 'answer'>;

export interface AnswerRelevancyOptions extends StructuredOptions {
  /** Questions to guess from the answer. Default 3, as in ragas ("strictness"). */
  readonly guesses?: number | undefined;
}

/**
 * Answer relevancy as ragas defines it: a chat model guesses questions from the answer; the mean cosine between them and the real one,
 * 0 where every guess calls the answer noncommittal.
 */
export async function answerRelevancy(
  chat: ChatModel,
  embedder: Embedder,
  { question, answer }: Answered,
  { guesses = 3, ...options }: AnswerRelevancyOptions = {},
): Promise<RagScore> {
  let usage = noUsage;
  const guessed: { question: string; noncommittal: boolean }[] = [];
  for (let i = 0; i < guesses; i += 1) {
    const reply = await structured(chat, QUESTION_BACK, { answer }, readGuess, options);
    guessed.push(reply.value);
    usage = addUsage(usage, reply.usage);
  }
  const { signal } = options;
  const questions = guessed.map((guess) => guess.question);
  if (questions.every((guess) => guess === '')) return { usage };
  const [asked, backs] = await Promise.all([
    embedder.embed([question], 'query', { signal }),
    embedder.embed(questions, 'document', { signal }),
  ]);
  usage = addUsage(addUsage(usage, asked.usage), backs.usage);
  const mean = backs.vectors.reduce((sum, back) => sum + cosine(asked.vectors[0]!, back), 0) / guesses;
  return { value: guessed.every(({ noncommittal }) => noncommittal) ? 0 : mean, usage };
}

/** Cosine of the question's and the answer's vectors: how near the answer stays to what was asked. No chat model, hence another name. */
export async function questionSimilarity(
  embedder: Embedder,
  { question, answer }: Answered,
  { signal }: Pick<StructuredOptions, 'signal'> = {},
): Promise<RagScore> {
  const [asked, answered] = await Promise.all([
    embedder.embed([question], 'query', { signal }),
    embedder.embed([answer], 'document', { signal }),
  ]);
  return { value: cosine(asked.vectors[0]!, answered.vectors[0]!), usage: addUsage(addUsage(noUsage, asked.usage), answered.usage) };
}

function readGuess(reply: unknown): { question: string; noncommittal: boolean } {
  const { question, noncommittal } = fields(reply, 'the reply');
  return { question: text(question, 'question'), noncommittal: bit(noncommittal, 'noncommittal') };
}

function cosine(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new ResiftError('bad_output', `The embedder gave vectors of ${a.length} and ${b.length} dimensions.`);
  let dot = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < a.length; i += 1) {
    dot += a[i]! * b[i]!;
    x += a[i]! ** 2;
    y += b[i]! ** 2;
  }
  return x === 0 || y === 0 ? 0 : dot / Math.sqrt(x * y);
}
