import type { Passage, Tokenizer } from '@resift/core';
import { agreesWithGold, answerVerdict, isHallucination } from '@resift/eval/answer/verdict';
import type { Provenance } from '@resift/eval/experiment/provenance';
import { splitClaims } from '@resift/eval/judge/claims';
import type { Judge } from '@resift/eval/judge/judge';
import { random } from '@resift/eval/random';
import { shown } from '@resift/eval/report/summary';
import type { Interval } from '@resift/eval/significance/bootstrap';
import { correctedRate } from '@resift/eval/significance/corrected-rate';
import { openaiCompatible } from '@resift/models/openai-compatible';
import { answer, chatGenerator } from '@resift/rag';
import { everyNth } from '../datasets/every-nth.ts';
import { qaSet } from '../datasets/question-sets.ts';
import { carryingSentence, type MeterQuestion, startPlantedServer } from '../src/planted-server.ts';

export interface MeterReading {
  /** Share that the generator was told to spoil, and the share that it did. */
  readonly asked: number;
  readonly planted: number;
  /** Share that the meter flagged. */
  readonly flagged: number;
  /** The flagged share, corrected for the meter's own errors, with its 95 % interval. */
  readonly rate: Interval;
  readonly covered: boolean;
  /** How many questions it rests on, and how many others the meter's errors were measured on. */
  readonly questions: number;
  readonly trial: number;
  /** The meter's errors: the share of spoilt answers that it lets pass, and of sound ones that it flags. */
  readonly missed: number;
  readonly falselyFlagged: number;
}

export interface MeterOptions {
  readonly judge: Judge;
  readonly tokenizer: Tokenizer;
  /** Default 0, 0.1, 0.2, 0.4. */
  readonly shares?: readonly number[] | undefined;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/**
 * Proves the meter of hallucinations. A scripted generator, asked over HTTP through the served pipeline with the gold passage as its only
 * source, spoils a known share of its answers; the rate that the meter reports must cover it. The meter's own errors are measured on half
 * of the questions, of which half were spoilt; the other half is read.
 */
export async function meterExperiment(questions: readonly MeterQuestion[], options: MeterOptions): Promise<MeterReading[]> {
  const { shares = [0, 0.1, 0.2, 0.4], seed = 1 } = options;
  const next = random(seed);
  const shuffled = questions
    .filter((question) => carryingSentence(question) !== undefined)
    .map((question) => ({ question, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ question }) => question);
  const half = Math.floor(shuffled.length / 2);

  const tried = await flagsOf(shuffled.slice(0, half), 0.5, options);
  const trial = {
    faulty: tried.filter(({ spoilt }) => spoilt).map(({ flag }) => flag),
    sound: tried.filter(({ spoilt }) => !spoilt).map(({ flag }) => flag),
  };
  const readings: MeterReading[] = [];
  for (const asked of shares) {
    const read = await flagsOf(shuffled.slice(half), asked, options);
    const planted = read.filter(({ spoilt }) => spoilt).length / read.length;
    const flags = read.map(({ flag }) => flag);
    const rate = correctedRate(flags, trial, { seed });
    readings.push({
      asked,
      planted,
      flagged: share(flags),
      rate,
      covered: rate.low <= planted && planted <= rate.high,
      questions: read.length,
      trial: tried.length,
      missed: 1 - share(trial.faulty),
      falselyFlagged: share(trial.sound),
    });
  }
  return readings;
}

/** What the meter calls a hallucination: an asserted answer that disagrees with the gold answers, or of which the context does not carry every sentence. */
export async function isFlagged(
  question: MeterQuestion,
  { text, abstained }: { readonly text: string; readonly abstained: boolean },
  judge: Judge,
  signal?: AbortSignal,
): Promise<boolean> {
  let supported = true;
  if (!abstained && agreesWithGold(text, question.answers)) {
    const claims = splitClaims(text, question.text).map((claim) => claim.text);
    supported = (await judge.judge(question.context, claims, { signal })).verdicts.every((verdict) => verdict.supported);
  }
  return isHallucination(answerVerdict({ answer: text, abstained, golds: question.answers, supported }));
}

/** The answerable evaluation questions of two sets, with their gold passages; about `limit` of them. */
export async function meterQuestions(data: string, limit?: number): Promise<MeterQuestion[]> {
  const sets = await Promise.all(['squad2_dev', 'nq_oracle'].map((name) => qaSet(data, name)));
  const answerable = sets.flatMap(({ questions }) => questions.filter(({ answers }) => answers!.length > 0));
  return everyNth(answerable, limit).map(({ id, text, answers, goldText }) => ({ id, text, answers: answers!, context: goldText! }));
}

/** The readings as Markdown. */
export function meterMarkdown(readings: readonly MeterReading[], judge: string, { machine, commit }: Provenance): string {
  const rows = readings.map(
    ({ planted, flagged, rate, covered }) =>
      `| ${shown(planted)} | ${shown(flagged)} | ${shown(rate.estimate)} [${shown(rate.low)}, ${shown(rate.high)}] | ${covered ? 'yes' : 'no'} |`,
  );
  return [
    '## Does the meter of hallucinations read what was planted?',
    '',
    `Judge: ${judge}; generator: the scripted one of evals/src/planted-server.ts, over HTTP through the served pipeline; ${readings[0]?.questions ?? 0} questions per reading and ${readings[0]?.trial ?? 0} others, half of them spoilt, to measure the meter's own errors: it misses ${shown(100 * (readings[0]?.missed ?? Number.NaN))} % of spoilt answers and flags ${shown(100 * (readings[0]?.falselyFlagged ?? Number.NaN))} % of sound ones. ${machine.cpu}, Node ${machine.node}, commit ${commit.slice(0, 12)}.`,
    '',
    '| planted | flagged | reported rate, 95 % interval | covers |',
    '| ---: | ---: | ---: | --- |',
    ...rows,
    '',
  ].join('\n');
}

async function flagsOf(
  questions: readonly MeterQuestion[],
  share: number,
  { judge, tokenizer, seed = 1, signal, onProgress }: MeterOptions,
) {
  const server = await startPlantedServer(questions, { share, seed });
  try {
    const generator = chatGenerator(openaiCompatible({ url: server.url, model: 'planted' }));
    const flags: { spoilt: boolean; flag: boolean }[] = [];
    for (const question of questions) {
      const rag = { retriever: goldOnly(question), generator, tokenizer, limits: { candidates: 1, topN: 1, contextTokens: 4_000 } };
      for await (const event of answer([{ role: 'user', content: question.text }], rag, { signal })) {
        if (event.type !== 'done') continue;
        const flag = await isFlagged(question, { text: event.answer, abstained: event.abstained }, judge, signal);
        flags.push({ spoilt: server.truth.get(question.id) ?? false, flag });
      }
      onProgress?.(`spoiling ${share}: ${flags.length} of ${questions.length}`);
    }
    return flags;
  } finally {
    await server.close();
  }
}

const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;

/** Finds the gold passage and nothing else: the meter is under test, not retrieval. */
function goldOnly({ id, context }: MeterQuestion) {
  const passage: Passage = { id: `${id}#0`, documentId: id, text: context, start: 0, end: context.length };
  return { id: 'gold', retrieve: async () => [{ document: passage, score: 1 }] };
}
