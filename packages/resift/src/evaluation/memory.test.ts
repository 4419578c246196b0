import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpanReader } from '@resift/core';
import { openJournal } from '@resift/eval/experiment/journal';
import { expect, it } from 'vitest';
import { createMemory } from './memory.ts';

/** Notes what it is asked; a probability with all its digits must survive. */
function countingReader(id: string) {
  const asked: string[] = [];
  const reader: SpanReader = {
    id,
    threshold: 0.5,
    read: async (question, passages) => {
      asked.push(...passages.map((passage) => `${question}|${passage}`));
      return {
        spans: passages.map((text) => [{ start: 0, end: 1, text: text[0]!, probability: 1 / (text.length + 2) }]),
        usage: { calls: 1 },
      };
    },
  };
  return { asked, reader };
}

it('reads a passage for a question once in all runs, by content', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'resift-kept-')), 'kept.jsonl');
  const first = openJournal(path);
  const { asked, reader } = countingReader('read#1');
  const fresh = await createMemory(first).reader(reader).read('Who?', ['Ada.', 'Bob was here.', 'Ada.']);
  expect(asked).toEqual(['Who?|Ada.', 'Who?|Bob was here.']);
  first.close();

  const again = openJournal(path);
  const memory = createMemory(again);
  const { spans, usage } = await memory.reader(reader).read('Who?', ['Bob was here.', 'Ada.', 'Ada.']);
  expect(spans).toEqual([fresh.spans[1], fresh.spans[0], fresh.spans[0]]);
  expect(usage.calls).toBe(0);
  expect(memory.hits.generate).toBeGreaterThan(0); // so that no time is reported for a stage that did nothing
  expect(asked).toHaveLength(2);

  await memory.reader(reader).read('When?', ['Ada.']);
  const other = countingReader('read#2');
  await memory.reader(other.reader).read('Who?', ['Ada.']);
  expect([asked.at(-1), other.asked]).toEqual(['When?|Ada.', ['Who?|Ada.']]);
  again.close();
});

it('goes on behind a line that a kill cut short', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'resift-kept-')), 'kept.jsonl');
  const { asked, reader } = countingReader('read#1');
  const first = openJournal(path);
  await createMemory(first).reader(reader).read('Who?', ['Ada.', 'Bob.']);
  first.close();
  await writeFile(path, (await readFile(path, 'utf8')).slice(0, -5));
  const second = openJournal(path);
  await createMemory(second).reader(reader).read('Who?', ['Ada.', 'Bob.']);
  second.close();
  expect(asked).toEqual(['Who?|Ada.', 'Who?|Bob.', 'Who?|Bob.']);
});

it('does not keep a failure', async () => {
  const kept = new Map<string, unknown>();
  const failing: SpanReader = { id: 'r', threshold: 0.5, read: () => Promise.reject(new Error('no memory left')) };
  await expect(createMemory(kept).reader(failing).read('Who?', ['Ada.'])).rejects.toThrow('no memory left');
  expect(kept.size).toBe(0);
});
