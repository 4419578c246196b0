import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../demo/${name}`, import.meta.url), 'utf8');
const texts = read('demo.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { id: string; title: string; text: string });
const questions = JSON.parse(read('questions.json')) as { question: string; answerable: boolean }[];

it('holds at least 44 texts of 80 to 250 words, each once', () => {
  expect(texts.length).toBeGreaterThanOrEqual(44);
  expect(new Set(texts.map(({ id }) => id)).size).toBe(texts.length);
  expect(new Set(texts.map(({ text }) => text)).size).toBe(texts.length);
  for (const { id, title, text } of texts) {
    const words = text.split(/\s+/).length;
    expect([id, title !== '' && words >= 80 && words <= 250]).toEqual([id, true]);
  }
});

it('holds the film of the example, and suggests eight questions, one of them without an answer', () => {
  expect(texts.find(({ title }) => title === 'Dumb and Dumber')?.text).toContain('Aspen');
  expect(questions).toHaveLength(8);
  expect(questions.filter(({ answerable }) => !answerable)).toHaveLength(1);
});
