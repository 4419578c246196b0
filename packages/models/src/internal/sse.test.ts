import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sseData } from './sse.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]) {
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i += 1) yield bytes.subarray(places[i - 1], places[i]);
}

async function read(text: string, cuts: readonly number[] = []) {
  const events: unknown[] = [];
  for await (const event of sseData(pieces(Buffer.from(text), cuts))) events.push('data' in event ? event.data : event);
  return events;
}

it.each(['\n', '\r\n', '\r'])('gives the data of each event, wherever the bytes are split (line break %j)', async (br) => {
  const text = [
    ': a comment',
    'event: x',
    'data: {"é":"😀"}',
    '',
    'data:one',
    'data: two',
    'id: 7',
    '',
    'data',
    '',
    '',
    'data: [DONE]',
    '',
    '',
  ].join(br);
  const expected = ['{"é":"😀"}', 'one\ntwo', '', '[DONE]', { rest: '' }];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 8 }), async (cuts) => {
      expect(await read(text, cuts)).toEqual(expected);
    }),
  );
});

it('keeps apart what was not ended', async () => {
  expect(await read('data: a\n\ndata: {"x"')).toEqual(['a', { rest: '{"x"' }]);
  expect(await read('data: a\n')).toEqual([{ rest: 'a' }]);
  expect(await read('')).toEqual([{ rest: '' }]);
});
