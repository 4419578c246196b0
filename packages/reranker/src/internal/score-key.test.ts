import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scoreKeys } from './score-key.ts';

it('never gives one key to two lists of parts, however they are cut', () => {
  const parts = fc.array(fc.stringMatching(/^[ab1:]{0,3}$/), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const key = ([tenant, model, query, text]: string[]) => scoreKeys([tenant!, model!], query!, [{ id: '1', text: text! }])[0];
      expect(key(a) === key(b)).toBe(a.join('\n') === b.join('\n'));
    }),
    {
      examples: [
        [
          ['a', 'b', 'a', ''],
          ['', 'ab', 'a', ''],
        ],
        [
          ['a', '', 'ba', ''],
          ['a', 'b', 'a', ''],
        ],
      ],
    },
  );
});
