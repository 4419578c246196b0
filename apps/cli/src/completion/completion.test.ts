import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { bashCompletion } from './bash.ts';
import { commandTree } from './command-tree.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const folder = mkdtempSync(join(tmpdir(), 'resift-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = new Command('resift').version('1.0.0');
program
  .command('ask')
  .description("Answer a question. Even [this] one: it's `cited`.")
  .argument('<question>')
  .addOption(new Option('-p, --preset <name>', 'how much').choices(['fast', 'quality']))
  .option('--data-dir <folder>', 'where it is: "here"');
program.command('eval').description('Measure').command('compare').description('Compare').argument('<before>').option('--json');
program
  .command('shell')
  .description('Say it')
  .addArgument(new Argument('<shell>').choices(['bash', 'fish']));
const tree = commandTree(program);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it('reads the definitions: paths, options with their values, words, files', () => {
  expect(tree.map(({ path }) => path.join(' '))).toEqual(['', 'ask', 'eval', 'eval compare', 'shell']);
  expect(tree[1]!.options).toContainEqual({
    flags: ['-p', '--preset'],
    description: 'how much',
    takes: 'word',
    choices: ['fast', 'quality'],
  });
  expect(tree[1]!.options.find(({ flags }) => flags.includes('--data-dir'))?.takes).toBe('file');
  expect([tree[3]!.files, tree[1]!.files, tree[4]!.words]).toEqual([true, false, ['bash', 'fish']]);
});

const CASES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['resift ', ['ask', 'eval', 'shell']],
  ['resift a', ['ask']],
  ['resift eval ', ['compare']],
  ['resift ask --pre', ['--preset']],
  ['resift ask --preset ', ['fast', 'quality']],
  ['resift ask -p f', ['fast']],
  ['resift eval compare --', ['--help', '--json']],
  ['resift shell b', ['bash']],
];

describe('bash', () => {
  const script = file('resift.bash', bashCompletion(tree));
  it.each(CASES)('%s', (line, words) => {
    const typed = line.split(' ');
    const run = `source ${script}; COMP_WORDS=(${typed.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${typed.length - 1}; _resift; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['--norc', '-c', run], { encoding: 'utf8' }).trim().split('\n').sort()).toEqual(words);
  });
});

describe('fish', () => {
  const script = file('resift.fish', fishCompletion(tree));
  it.each(CASES)('%s', (line, words) => {
    const out = execFileSync('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    const offered = out
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0]!); // the rest of a row is the description
    expect(offered.filter((word) => word !== '').sort()).toEqual(words);
  });
});

describe('zsh', () => {
  file('_resift', zshCompletion(tree));
  // zsh completes nowhere but in its line editor, so a pseudo-terminal types the line and Tab.
  const start = file(
    'start.zsh',
    `PS1= PS2=
fpath=(${folder} $fpath)
autoload -U compinit; compinit -u -d ${folder}/dump
shown() { print -r -- "<found:$compstate[nmatches]>"; compstate[insert]=''; compstate[list]=''; }
complete-once() { comppostfuncs=(shown); zle complete-word; print -r -- '<end>'; }
zle -N complete-once
bindkey '^I' complete-once
print READY$((1 + 1))`,
  );
  const driver = file(
    'drive.zsh',
    `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source ${start}"
zpty -r shell out '*READY2*'
zpty -n -w shell "$1"$'\\t'
zpty -r shell out '*<end>*'
print -r -- "$out"
zpty -d shell`,
  );
  it.each([
    ['resift ', 3],
    ['resift eval ', 1],
    ['resift ask --preset ', 2],
    ['resift shell ', 2],
  ])('%s offers %i', (line, count) => {
    const out = execFileSync('zsh', ['-f', driver, line], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, HOME: folder, TERM: 'dumb' },
    });
    expect(/<found:(\d+)>/.exec(out)?.[1]).toBe(String(count));
  });
});
