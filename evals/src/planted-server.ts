import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agreesWithGold } from '@resift/eval/answer/verdict';

/** A question whose context has a sentence that answers it. */
export interface MeterQuestion {
  readonly id: string;
  readonly text: string;
  readonly answers: readonly string[];
  readonly context: string;
}

export interface PlantedServer {
  /** An OpenAI-compatible base address. */
  readonly url: string;
  /** Whether the answer to a question was spoilt; filled as questions are asked. */
  readonly truth: ReadonlyMap<string, boolean>;
  close(): Promise<void>;
}

/**
 * A scripted generator behind the chat-completions protocol: it finds the question in the last message and answers with the sentence of
 * the context that holds a gold answer. A share of the answers, chosen by a hash of seed and question, it spoils: by turns it puts another
 * answer into the sentence (wrong), or adds a sentence from another context (unsupported).
 */
export async function startPlantedServer(
  questions: readonly MeterQuestion[],
  { share, seed = 1 }: { readonly share: number; readonly seed?: number },
): Promise<PlantedServer> {
  const truth = new Map<string, boolean>();
  const longestFirst = [...questions].sort((a, b) => b.text.length - a.text.length);

  function reply(message: string): string {
    const question = longestFirst.find(({ text }) => message.includes(text));
    if (!question) return 'I could not find an answer in the sources.';
    const spoilt = chance(seed, question.id) < share;
    truth.set(question.id, spoilt);
    const carrying = carryingSentence(question)!;
    if (!spoilt) return `${carrying} [1]`;
    return chance(seed + 1, question.id) < 0.5 ? wrong(question, carrying, questions) : `${carrying} [1] ${foreign(question, questions)}`;
  }

  const server = createServer(async (request, response) => {
    const body = JSON.parse(await read(request)) as { messages: { content: string }[]; model: string };
    const text = reply(body.messages.at(-1)!.content);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (choices: unknown[], more = {}) =>
      response.write(
        `data: ${JSON.stringify({ id: 'planted', object: 'chat.completion.chunk', created: 0, model: body.model, choices, ...more })}\n\n`,
      );
    for (const word of text.split(/(?<= )/)) chunk([{ index: 0, delta: { content: word }, finish_reason: null }]);
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
    chunk([], { usage: { prompt_tokens: 1, completion_tokens: text.split(' ').length, total_tokens: 1 } });
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    truth,
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The sentence of the context that holds a gold answer, as it stands there; `undefined` where none does. */
export function carryingSentence({ context, answers }: Pick<MeterQuestion, 'context' | 'answers'>): string | undefined {
  const all = [...segmenter.segment(context)].map(({ segment }) => segment.trim());
  return all.find((sentence) => sentence.split(/\s+/).length >= 5 && answers.some((answer) => sentence.includes(answer)));
}

/** The sentence with an answer of another question in place of its own; numbers go for numbers. */
function wrong(question: MeterQuestion, carrying: string, questions: readonly MeterQuestion[]): string {
  const answer = question.answers.find((gold) => carrying.includes(gold))!;
  const numeric = /\d/.test(answer);
  const start = Math.floor(chance(7, question.id) * questions.length);
  for (let i = 0; i < questions.length; i += 1) {
    const other = questions[(start + i) % questions.length]!.answers[0]!;
    const spoilt = carrying.replaceAll(answer, other);
    if (/\d/.test(other) === numeric && !agreesWithGold(spoilt, question.answers)) return `${spoilt} [1]`;
  }
  return foreign(question, questions);
}

/** A sentence that carries the answer of a question over another context. */
function foreign(question: MeterQuestion, questions: readonly MeterQuestion[]): string {
  const start = Math.floor(chance(11, question.id) * questions.length);
  for (let i = 0; i < questions.length; i += 1) {
    const other = questions[(start + i) % questions.length]!;
    const sentence = other.context === question.context ? undefined : carryingSentence(other);
    if (sentence !== undefined && !question.context.includes(sentence)) return sentence;
  }
  throw new TypeError('Planting needs questions over at least two contexts.');
}

/** A number in [0, 1) that depends on nothing but its arguments. */
function chance(seed: number, id: string): number {
  return createHash('sha256').update(`${seed}:${id}`).digest().readUInt32BE() / 2 ** 32;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}
