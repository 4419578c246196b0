import { expect, it } from 'vitest';
import { eventsOf, testClient } from './testing/client.ts';

/** F30: no text that comes in is ever our failure (5xx), silently altered, or breaks a stream. */
const POISON: Readonly<Record<string, string>> = {
  empty: '',
  'white space': ' \t\n\u00a0\u2003',
  NUL: 'a\u0000b',
  'C0 and C1': 'a\u0001\u001b[31m\u0085\u009fb',
  'lone high surrogate': 'a\ud83d',
  'lone low surrogate': '\ude00b',
  'not characters': 'a\ufffe\uffffb',
  'byte order mark': '\ufeffa b',
  'one long token': 'a'.repeat(300_000),
  'many words': Array.from({ length: 30_000 }, (_, i) => `w${i}`).join(' '),
  brackets: '['.repeat(100_000),
  'direction overrides': 'abc\u202egnp.exe\u2066x\u2069',
  'ZWJ families': '👨‍👩‍👧‍👦'.repeat(2_000),
  'combining marks': `a${'\u0301'.repeat(10_000)}`,
  tags: `a${String.fromCodePoint(0xe0041, 0xe0042)}b`,
  'variation selectors': `a\ufe0f${String.fromCodePoint(0xe0100)}`,
  'composed and not': '\u00e9 e\u0301',
  'mixed scripts': 'раypal 日本語 عربي हिन्दी ไทย',
  SQL: `'; DROP TABLE documents; -- " OR 1=1`,
  tsquery: 'a & | ! <-> :* (b',
  RESP: '*1\r\n$8\r\nFLUSHALL\r\n',
  SSE: 'data: x\n\nevent: done\ndata: {}\n\n',
  prototype: '{"__proto__": {"x": 1}}',
  HTML: '<script>alert(1)</script><img src=x onerror=1>',
};

it.each(Object.entries(POISON))('%s, in and out of every door', async (_, text) => {
  const { post, get } = testClient();
  await post('/v1/documents', { documents: [{ id: 'good', text: 'A good document on bridges.' }] });

  const added = await post('/v1/documents', {
    documents: [{ id: 'poison', text, title: `t ${text.slice(0, 1_000)}`, metadata: { note: text.slice(0, 100) } }],
  });
  expect([200, 422]).toContain(added.status);
  if (added.status === 200) {
    const stored = (await get('/v1/documents/poison')).json.text;
    if (stored !== text) expect(Object.keys(added.json.documents[0].sanitized ?? {}).length).toBeGreaterThan(0);
    expect(stored).not.toMatch(/\p{Surrogate}/u);
  }

  const query = text.slice(0, 8_000);
  for (const rerank of [true, false]) expect([200, 400, 422]).toContain((await post('/v1/search', { query, rerank })).status);
  expect([200, 400, 422]).toContain((await post('/v1/search', { query: 'bridges', filter: { note: text.slice(0, 1_000) } })).status);
  const chat = await post('/v1/chat', { messages: [{ role: 'user', content: query }], stream: true });
  expect([200, 400, 422]).toContain(chat.status);
  if (chat.status === 200) {
    const names = eventsOf(chat.text).map(({ event }) => event);
    expect(names.at(-1)).toBe('done');
    expect(names.filter((name) => name === 'done' || name === 'error')).toHaveLength(1);
  }
  for (const [path, field] of [
    ['/v2/rerank', 'documents'],
    ['/v1/rerank', 'documents'],
    ['/rerank', 'texts'],
  ] as const) {
    const asDocument = await post(path, { query: 'bridges', [field]: [text, 'bridges'], return_documents: true, return_text: true });
    expect(asDocument.status).toBe(200);
    expect([200, 400, 422]).toContain((await post(path, { query, [field]: ['a', 'b'] })).status);
  }
  expect((await get('/healthz')).status).toBe(200);
});
