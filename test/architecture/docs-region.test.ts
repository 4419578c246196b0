import { expect, it } from 'vitest';
import { fillRegion, markdownTable, readTable } from '../../scripts/docs/region.ts';

it('writes into its own region and nowhere else, again and again', () => {
  const text = 'before\n<!-- generated:a -->\n<!-- /generated:a -->\nafter';
  const once = fillRegion(text, 'a', 'one');
  expect(once).toBe('before\n<!-- generated:a -->\n\none\n\n<!-- /generated:a -->\nafter');
  expect(fillRegion(once, 'a', 'one')).toBe(once);
  expect(() => fillRegion(text, 'b', 'one')).toThrow('generated:b');
});

it('reads the first table that it wrote, cells with bars included, and not the second', () => {
  const rows = [
    ['x|y', '1'],
    ['z', '2'],
  ];
  const two = `${markdownTable(['name', 'value'], rows)}\n\ntext\n\n${markdownTable(['other'], [['3']])}`;
  expect(readTable(two)).toEqual([
    { name: 'x\\|y', value: '1' },
    { name: 'z', value: '2' },
  ]);
});
