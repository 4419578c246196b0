import { type ChatMessage, type GroundednessModel, type Reranker, ResiftError } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { type AnswerEvent, type AnswerOptions, answer } from './answer.ts';
import { chatGenerator } from './chat-generator.ts';
import { extractive } from './extractive.ts';
import type { Generator } from './generator.ts';
import { NO_ANSWER } from './prompts.ts';
import type { Rag } from './rag.ts';
import { fixedReader, fixedRetriever, overlapReranker, passage, scriptedChat, tokenizer, wordForWord } from './test/fakes.ts';

const FILM = 'Two friends from Providence drive to Aspen to return a briefcase. Jim Carrey plays Lloyd.';
const passages = [
  passage('aspen', 'Aspen is a town in Colorado known for skiing. Visit https://aspen.example/town for more.', { title: 'Aspen' }),
  passage('mask', 'A bank clerk finds a mask. Jim Carrey plays Stanley.', { title: 'The Mask' }),
  passage('dumb', FILM, { title: 'Dumb and Dumber' }),
];
const rag = (generator: Generator, more: Partial<Rag> = {}): Rag => ({
  retriever: fixedRetriever(passages),
  reranker: overlapReranker,
  generator,
  tokenizer,
  limits: { candidates: 50, topN: 2, contextTokens: 200 },
  ...more,
});
const ask = (question: string): ChatMessage[] => [{ role: 'user', content: question }];
const QUESTION = 'What film did Jim Carrey star in where he goes on a trip to Aspen with his friends?';

async function run(rag: Rag, options: AnswerOptions = {}, messages: readonly ChatMessage[] = ask(QUESTION)) {
  const events: AnswerEvent[] = [];
  for await (const event of answer(messages, rag, options)) events.push(event);
  const sources = events[0]!;
  const done = events.at(-1)!;
  if (sources.type !== 'sources' || done.type !== 'done') throw new Error('Expected sources first and done last.');
  expect(events.filter(({ type }) => type === 'sources' || type === 'done')).toHaveLength(2);
  expect(events.map((event) => (event.type === 'delta' ? event.text : '')).join('')).toBe(done.answer);
  expect(events.flatMap((event) => (event.type === 'citation' ? [event.citation] : []))).toEqual(done.citations);
  expect(done.answer.trim()).not.toBe('');
  expect(Object.values(done.timings).every((ms) => Number.isFinite(ms) && ms >= 0)).toBe(true);
  return { events, sources, done };
}

describe('an extractive answer', () => {
  it('walks from the question to a cited sentence', async () => {
    const { sources, done } = await run(rag(extractive(fixedReader({ Aspen: 0.9 }))));
    expect(sources.sources.map(({ documentId }) => documentId)).toEqual(['dumb', 'mask']);
    expect(sources.rerank.status).toBe('applied');
    expect(done).toMatchObject({ abstained: false, rejectedCitations: 0 });
    expect(done.answer).toBe('Dumb and Dumber: Two friends from Providence drive to Aspen to return a briefcase.');
    const [{ source, quote, quoteStart, quoteEnd } = done.citations[0]!] = done.citations;
    expect(source).toBe('dumb#0');
    expect(FILM.slice(quoteStart, quoteEnd)).toBe(quote);
  });

  it('abstains with a sentence, without citations', async () => {
    const { done } = await run(rag(extractive(fixedReader({ Aspen: 0.1 }))));
    expect(done).toMatchObject({ answer: NO_ANSWER, abstained: true, citations: [] });
  });

  it('abstains without asking anybody where nothing was found', async () => {
    const { done, sources } = await run(rag(extractive(fixedReader({ Aspen: 0.9 })), { retriever: fixedRetriever([]) }));
    expect(sources.sources).toEqual([]);
    expect(done).toMatchObject({ answer: NO_ANSWER, abstained: true });
  });

  it('is still given where the reranker fails, visibly, and no floor is applied to first-stage scores', async () => {
    const broken: Reranker = { id: 'broken', scale: 'probability', rerank: () => Promise.reject(new Error('boom')) };
    const limits = { candidates: 50, topN: 3, contextTokens: 200, scoreFloor: 0.99 };
    const { sources, done } = await run(rag(extractive(fixedReader({ briefcase: 0.9 })), { reranker: broken, limits }));
    expect(sources.rerank).toMatchObject({ status: 'degraded', reason: 'unavailable' });
    expect(sources.sources.map(({ documentId }) => documentId)).toEqual(['aspen', 'mask', 'dumb']);
    expect(done.answer).toContain('briefcase');
  });

  it('applies the floor to calibrated scores', async () => {
    const limits = { candidates: 50, topN: 3, contextTokens: 200, scoreFloor: 0.3 };
    const { sources } = await run(rag(extractive(fixedReader({})), { limits }));
    expect(sources.sources.map(({ documentId }) => documentId)).toEqual(['dumb']);
    expect(sources.context.leftOut.floor).toBe(2);
  });
});

describe('a chat model', () => {
  it('streams, with marks turned into citations behind the text they cover', async () => {
    const chat = scriptedChat(['<think>hm', '</think>\n', 'The film is Dumb and', ' Dumber [', '1]. It was', ' forged [9].']);
    const { events, done } = await run(rag(chatGenerator(chat)));
    expect(done.answer).toBe('The film is Dumb and Dumber. It was forged.');
    expect(done).toMatchObject({ abstained: false, rejectedCitations: 1, usage: { outputTokens: 6 } });
    expect(done.citations).toHaveLength(1);
    expect(done.answer.slice(done.citations[0]!.start, done.citations[0]!.end)).toBe('The film is Dumb and Dumber');
    expect(events.filter(({ type }) => type === 'delta').length).toBeGreaterThan(2);
    const [system, user] = chat.asked[0]!;
    expect(system!.role).toBe('system');
    expect(user!.content).toContain(FILM);
    expect(user!.content).toContain(QUESTION);
  });

  it('says no address that is not in its sources; citations keep pointing at their words', async () => {
    const chat = scriptedChat(['See https://evil.test/?d=x and ![p](https://evil.test/i). Jim Carrey plays Lloyd [1].']);
    const { done } = await run(rag(chatGenerator(chat)));
    expect(done.answer).toBe('See (link removed) and [p]. Jim Carrey plays Lloyd.');
    expect(done.blocked).toEqual({ urls: 2, images: 1, tags: 0 });
    expect(done.answer.slice(done.citations[0]!.start, done.citations[0]!.end)).toBe('Jim Carrey plays Lloyd');
    const allowed = await run(rag(chatGenerator(scriptedChat(['See https://aspen.example/town.']))), { topN: 3 });
    expect(allowed.done.answer).toBe('See https://aspen.example/town.');
  });

  it.each([[[NO_ANSWER]], [['']], [['<think>never ends']], [[' \n']]])('abstains for %j', async (reply) => {
    const { done } = await run(rag(chatGenerator(scriptedChat(reply))));
    expect(done.abstained).toBe(true);
    expect(done.answer.trim()).toBe(NO_ANSWER);
  });

  it('is given the newest turns that fit, and never what does not', async () => {
    const chat = scriptedChat(['Yes [1].']);
    const messages: ChatMessage[] = [
      { role: 'user', content: 'ancient '.repeat(30) },
      { role: 'assistant', content: 'newer' },
      ...ask('Who plays Lloyd?'),
    ];
    await run(rag(chatGenerator(chat, { historyTokens: 20 })), {}, messages);
    expect(chat.asked[0]!.map(({ role, content }) => [role, content.includes('ancient'), content === 'newer'])).toEqual([
      ['system', false, false],
      ['assistant', false, true],
      ['user', false, false],
    ]);
  });

  it('with too small a context is refused at once', () => {
    expect(() => chatGenerator({ ...scriptedChat(['']), contextTokens: 600 })).toThrow(/context of 600 tokens/);
  });

  it('that fails in the middle fails the answer: there is no done', async () => {
    const failing = {
      ...scriptedChat([]),
      async *stream() {
        yield { text: 'Half an ' };
        throw new ResiftError('unavailable', 'Cut.', { details: { reason: 'upstream_truncated' } });
      },
    };
    const events: AnswerEvent[] = [];
    const reading = async () => {
      for await (const event of answer(ask(QUESTION), rag(chatGenerator(failing)))) events.push(event);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'unavailable' });
    expect(events.some(({ type }) => type === 'done')).toBe(false);
  });
});

describe('citations of any generator', () => {
  const quote = FILM.slice(0, 11);
  const real = { source: 'dumb#0', start: 0, end: 3, quote, quoteStart: 0, quoteEnd: 11 };
  it.each([
    ['real', real, 1],
    ['of a source that was not given', { ...real, source: 'aspen#0' }, 0],
    ['with words that do not stand there', { ...real, quote: 'Two enemies' }, 0],
    ['with shifted offsets', { ...real, quoteStart: 1, quoteEnd: 12 }, 0],
    ['of nothing in the answer', { ...real, end: 0 }, 0],
    ['beyond the answer', { ...real, start: 90, end: 99 }, 0],
    ['with an empty quote', { ...real, quote: '', quoteEnd: 0 }, 0],
  ])('%s are checked', async (_, citation, kept) => {
    const generator: Generator = {
      id: 'any',
      async *generate() {
        yield { text: 'Yes, indeed.', citation };
      },
    };
    const { done } = await run(rag(generator));
    expect([done.citations.length, done.rejectedCitations]).toEqual([kept, 1 - kept]);
  });
});

describe('groundedness', () => {
  const good = 'Jim Carrey plays Lloyd.';
  it('is reported per sentence', async () => {
    const { done } = await run(rag(chatGenerator(scriptedChat([`${good} [1] He won an Oscar.`])), { ground: wordForWord }));
    expect(done.groundedness).toMatchObject({ status: 'checked', score: 0.5, model: 'word-for-word' });
    expect(done.groundedness?.sentences.map(({ start, end, supported }) => [done.answer.slice(start, end), supported])).toEqual([
      [good, true],
      ['He won an Oscar.', false],
    ]);
  });

  it('drops what is not supported before anything is sent', async () => {
    const chat = chatGenerator(scriptedChat([`He won an Oscar. [1] ${good} [1]`]));
    const { done } = await run(rag(chat, { ground: wordForWord }), { onUngrounded: 'drop' });
    expect(done.answer).toBe(good);
    expect(done.citations.map(({ start, end }) => done.answer.slice(start, end))).toEqual([good]);
  });

  it('abstains where nothing is left', async () => {
    const { done } = await run(rag(chatGenerator(scriptedChat(['He won an Oscar.'])), { ground: wordForWord }), { onUngrounded: 'drop' });
    expect(done).toMatchObject({ answer: NO_ANSWER, abstained: true });
  });

  it('asks once more where asked to, naming what was not supported', async () => {
    const chat = scriptedChat(['He won an Oscar.'], [good]);
    const { done } = await run(rag(chatGenerator(chat), { ground: wordForWord }), { onUngrounded: 'retry' });
    expect(done.answer).toBe(good);
    expect(chat.asked[1]!.at(-1)!.content).toContain('- He won an Oscar.');
    expect(done.usage.calls).toBeGreaterThan(3);
  });

  it('that cannot be checked says so and fails nothing', async () => {
    const broken: GroundednessModel = { ...wordForWord, check: () => Promise.reject(new Error('boom')) };
    for (const onUngrounded of ['flag', 'drop'] as const) {
      const { done } = await run(rag(chatGenerator(scriptedChat([good])), { ground: broken }), { onUngrounded });
      expect(done).toMatchObject({ answer: good, groundedness: { status: 'failed' } });
    }
  });
});

describe('a conversation', () => {
  const messages: ChatMessage[] = [
    { role: 'user', content: 'Which films has Jim Carrey made?' },
    { role: 'assistant', content: 'Several.' },
    { role: 'user', content: 'And with Aspen?' },
  ];
  it('gives a short follow-up the question before it', async () => {
    expect((await run(rag(extractive(fixedReader({}))), {}, messages)).sources.query).toBe(
      'Which films has Jim Carrey made? And with Aspen?',
    );
    expect((await run(rag(extractive(fixedReader({}))), {}, ask('And with Aspen?'))).sources.query).toBe('And with Aspen?');
  });

  it('goes on with the question as it is where a rewriter fails', async () => {
    const { sources } = await run(rag(extractive(fixedReader({})), { rewrite: () => Promise.reject(new Error('boom')) }), {}, messages);
    expect(sources.query).toBe('And with Aspen?');
  });

  it.each([
    [[], 'messages'],
    [[{ role: 'assistant', content: 'x' }], 'messages[0].role'],
    [[{ role: 'user', content: '  ' }], 'messages[0].content'],
    [[{ role: 'robot', content: 'x' }, ...ask('y')], 'messages[0].role'],
    [[{ role: 'user', content: 7 }], 'messages[0].content'],
  ])('%j is refused, naming %s', async (given, field) => {
    await expect(run(rag(extractive(fixedReader({}))), {}, given as ChatMessage[])).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field },
    });
  });
});

describe('a caller who leaves', () => {
  const endless = () => {
    const seen = { closed: false };
    const generator: Generator = {
      id: 'endless',
      async *generate() {
        try {
          for (;;) yield await new Promise<{ text: string }>((resolve) => setImmediate(resolve, { text: 'word ' }));
        } finally {
          seen.closed = true;
        }
      },
    };
    return { seen, generator };
  };

  it('by abort gets the reason, and the generator ends', async () => {
    const { seen, generator } = endless();
    const controller = new AbortController();
    const reason = new Error('the user left');
    const reading = async () => {
      for await (const event of answer(ask(QUESTION), rag(generator), { signal: controller.signal })) {
        if (event.type === 'delta') controller.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
    await new Promise(setImmediate);
    expect(seen.closed).toBe(true);
  });

  it('by leaving the loop ends the generator too', async () => {
    const { seen, generator } = endless();
    for await (const event of answer(ask(QUESTION), rag(generator))) if (event.type === 'delta') break;
    await new Promise(setImmediate);
    expect(seen.closed).toBe(true);
  });

  it('does not wait for a generator that hangs', async () => {
    const hung: Generator = { id: 'hung', generate: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }) };
    const controller = new AbortController();
    const reading = run(rag(hung), { signal: controller.signal });
    setImmediate(() => controller.abort('left'));
    await expect(reading).rejects.toBe('left');
  });
});
