import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadFile } from './load.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));
const one = async (name: string, content: string | Uint8Array) =>
  (await loadFile(name, typeof content === 'string' ? bytes(content) : content))[0]!;

describe('documents', () => {
  it('reads plain text as it is', async () => {
    expect(await loadFile('notes/a.txt', bytes('\ufeffLine one.\r\nLine two.\n'))).toEqual([
      { id: 'notes/a.txt', text: 'Line one.\r\nLine two.\n', title: 'a', metadata: { file: 'notes/a.txt' } },
    ]);
  });

  it('takes a Markdown title from its first heading and leaves the text alone', async () => {
    expect(await one('readme.md', 'intro\n# The *Title* #\n\nText.')).toMatchObject({
      title: 'The *Title*',
      text: 'intro\n# The *Title* #\n\nText.',
    });
  });

  it.each([
    ['utf-16', new Uint8Array([0xff, 0xfe, 0x48, 0, 0xe9, 0]), 'Hé'],
    ['windows-1252', new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0x80]), 'café€'],
  ])('recognises %s', async (_, content, text) => {
    expect((await one('a.txt', content)).text).toBe(text);
  });

  it('reads a PDF: paragraphs, divided words joined, pages, title', async () => {
    const { text, title, metadata } = await one('guide.pdf', fixture('guide.pdf'));
    expect(title).toBe('A Guide to Lighthouses');
    expect(metadata).toEqual({ file: 'guide.pdf', pages: 2 });
    expect(text.split('\n\n')).toEqual([
      'Lighthouses',
      'A lighthouse is a tower with a lamp that warns ships of rocks. The light of an old one is carefully focused by a lens of many rings, invented by Augustin Fresnel in 1822.',
      'Keepers lived beside the tower. Today most lights work without them.',
      'The second page tells of fog horns (loud ones), which sound when no light can be seen.',
    ]);
  });

  it('reads a Word document: headings, tables', async () => {
    const { text, title } = await one('handbook.docx', fixture('handbook.docx'));
    expect(title).toBe('Garden Handbook');
    expect(text).toBe(
      '# Garden Handbook\n\nWater the tomatoes early in the morning & never at noon.\n\n## Compost\n\nTurn the heap every two weeks.\n\nMonth | Work\nMarch | Sow peas',
    );
  });

  it('reads what a reader of a page sees', async () => {
    const { text, title, url } = await one(
      'page.html',
      `<html><head><title>The  page</title><link rel="canonical" href="https://example.org/p"><style>.x, #y { display: none } .ok { color: red }</style></head>
      <body><nav>Home About</nav><main><h1>Title</h1><p>First&nbsp;line<br>second <b>bold</b>line.</p><div>Loose <span>words</span></div>
      <ul><li>one<li>two</ul><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><pre>code  here
  indented</pre><p hidden>secret1</p><p style="display : none">secret2</p><p class="x">secret3</p><p id="y">secret4</p><div aria-hidden="true">secret5</div>
      <script>secret6</script><p style="font-size:0px">secret7</p><p class="ok">seen</p><template>secret8</template></main><footer>Imprint</footer></body></html>`,
    );
    expect(title).toBe('The page');
    expect(url).toBe('https://example.org/p');
    expect(text).toBe(
      '# Title\n\nFirst line\nsecond boldline.\n\nLoose words\n\n- one\n- two\n\na | b\n1 | 2\n\n```\ncode  here\n  indented\n```\n\nseen',
    );
  });

  it('takes out what hides in a text, and counts it', async () => {
    expect(await one('a.txt', 'a\0b\u{e0041}c\u202ed')).toMatchObject({ text: 'abcd', sanitized: { nul: 1, tag: 1, bidi: 1 } });
  });
});

describe('records', () => {
  it('makes a readable document of each row', async () => {
    const documents = await loadFile(
      'films.csv',
      bytes('\ufefftitle;year;note\nDumb and Dumber;1994;"a trip; to ""Aspen"""\nThe Mask;1994;\n'),
    );
    expect(documents).toEqual([
      {
        id: 'films.csv#1',
        title: 'Dumb and Dumber',
        text: 'title: Dumb and Dumber\nyear: 1994\nnote: a trip; to "Aspen"',
        metadata: { file: 'films.csv', row: 1, title: 'Dumb and Dumber', year: '1994', note: 'a trip; to "Aspen"' },
      },
      {
        id: 'films.csv#2',
        title: 'The Mask',
        text: 'title: The Mask\nyear: 1994',
        metadata: { file: 'films.csv', row: 2, title: 'The Mask', year: '1994' },
      },
    ]);
  });

  it('takes the text, title, url and id of a record that has them, and keeps the rest as metadata', async () => {
    const lines = [
      { _id: 'x1', title: 'T', text: 'Body one.', url: 'https://example.org', lang: 'en', deep: { year: 1999 } },
      { _id: 'x2', text: 'Body two.' },
    ];
    expect(await loadFile('a.jsonl', bytes(`${lines.map((line) => JSON.stringify(line)).join('\n\n')}\n`))).toEqual([
      {
        id: 'x1',
        title: 'T',
        text: 'Body one.',
        url: 'https://example.org',
        metadata: { file: 'a.jsonl', row: 1, lang: 'en', 'deep.year': 1999 },
      },
      { id: 'x2', text: 'Body two.', metadata: { file: 'a.jsonl', row: 2 } },
    ]);
  });

  it('does not trust ids that repeat', async () => {
    const documents = await loadFile('a.json', bytes(JSON.stringify([{ id: 1, text: 'a' }, { id: 1, text: 'b' }, 'just words'])));
    expect(documents.map(({ id, text }) => [id, text])).toEqual([
      ['a.json#1', 'a'],
      ['a.json#2', 'b'],
      ['a.json#3', 'just words'],
    ]);
  });

  it('writes nested values out, keys of prototypes included', async () => {
    const { text } = await one('a.json', '{"a": {"b": [1, 2], "c": [{"d": true}]}, "__proto__": {"polluted": "yes"}}');
    expect(text).toBe('a.b: 1, 2\na.c.0.d: true\n__proto__.polluted: yes');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('what cannot be used', () => {
  const bomb = () => {
    const packed = deflateRawSync(Buffer.alloc(300 * 1024 * 1024), { level: 9 });
    const header = Buffer.alloc(26);
    header.writeUInt16LE(8, 4);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt16LE(1, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), header, Buffer.from('a'), packed]);
    const entry = Buffer.concat([Buffer.from('PK\x01\x02\0\0'), header, Buffer.alloc(14), Buffer.from('a')]);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06');
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(local.length, 16);
    return Buffer.concat([local, entry, end]);
  };

  it.each<[string, () => Uint8Array | string, string]>([
    ['empty.txt', () => '', 'it is empty'],
    ['blank.md', () => ' \n\t', 'no text'],
    ['blank.html', () => '<script>x</script>', 'no text'],
    ['cut.pdf', () => fixture('guide.pdf').subarray(0, 200), 'cut.pdf'],
    ['not.pdf', () => 'hello', 'not.pdf'],
    ['cut.docx', () => fixture('handbook.docx').subarray(0, 500), 'cut off'],
    ['not.docx', () => 'hello', 'not a ZIP archive'],
    ['bomb.docx', bomb, 'bomb.docx'],
    ['bad.json', () => '{"a": ', 'bad.json'],
    ['bad.jsonl', () => '{"a": 1}\n{"a": \n', 'line 2'],
    ['open.csv', () => 'a,b\n"never closed,1\n', 'open.csv'],
    ['deep.json', () => `${'['.repeat(1e5)}${']'.repeat(1e5)}`, 'deep.json'],
  ])('%s', async (name, content, why) => {
    const given = content();
    await expect(loadFile(name, typeof given === 'string' ? bytes(given) : given)).rejects.toMatchObject({
      code: 'unusable_content',
      message: expect.stringContaining(why),
      details: { file: name },
    });
  });

  it('survives a page that is nested a hundred thousand deep', async () => {
    const page = `${'<div>'.repeat(1e5)}deep${'</div>'.repeat(1e5)}`;
    const outcome = await loadFile('deep.html', bytes(page), { timeoutMs: 2_000 }).then(
      ([document]) => document!.text,
      (error) => error.code,
    );
    expect(['deep', 'unusable_content']).toContain(outcome);
    expect((await one('next.txt', 'fine')).text).toBe('fine');
  });

  it('refuses endings it does not know, naming those it does', async () => {
    await expect(loadFile('a.exe', bytes('x'))).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('.docx') });
    await expect(loadFile('constructor', bytes('x'))).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('gives up a file that takes too long, and reads the next', async () => {
    const slow = `a\n${'"x",\n'.repeat(3e6)}`;
    await expect(loadFile('slow.csv', bytes(slow), { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'unusable_content',
      message: expect.stringContaining('50 ms'),
    });
    expect((await one('next.txt', 'fine')).text).toBe('fine');
  });

  it('rejects with the reason of an abort, and reads the next', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const loading = loadFile('slow.csv', bytes(`a\n${'"x",\n'.repeat(3e6)}`), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(loading).rejects.toBe(reason);
    expect((await one('next.txt', 'fine')).text).toBe('fine');
  });
});

it('keeps the event loop free', async () => {
  let longest = 0;
  let last = performance.now();
  let turns = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    turns += 1;
  }, 1);
  await loadFile('big.html', bytes(`<p>${'words and <b>more</b> words. '.repeat(2e4)}</p>`));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
