import type { Argument, Command, Option } from 'commander';

/** What a shell needs to know of one command, read off its definition. */
export interface CommandNode {
  /** The words that lead to it, without the program's name: `eval compare`. Empty for the program itself. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  /** The words that its first argument may be, where they are known. */
  readonly words: readonly string[];
  /** Whether its arguments are files or folders. */
  readonly files: boolean;
}

export interface OptionNode {
  /** `--top`, `-n`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takes: 'nothing' | 'file' | 'word';
  readonly choices: readonly string[];
}

/** The program and every command below it, in the order of their definition. */
export function commandTree(program: Command, path: readonly string[] = []): CommandNode[] {
  const { commands } = program;
  const node: CommandNode = {
    path,
    commands: commands.map((command) => ({ name: command.name(), description: plain(command.description()) })),
    options: [...program.options.map(asNode), { flags: ['-h', '--help'], description: 'show help', takes: 'nothing', choices: [] }],
    words: program.registeredArguments[0]?.argChoices ?? [],
    files: program.registeredArguments.some(isFile),
  };
  return [node, ...commands.flatMap((command) => commandTree(command, [...path, command.name()]))];
}

const FILES = /path|file|folder|before|after|result/i;
const isFile = (argument: Argument) => FILES.test(argument.name());

function asNode(option: Option): OptionNode {
  const value = /[<[]([^\]>]+)[\]>]/.exec(option.flags)?.[1];
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: plain(option.description),
    takes: value === undefined ? 'nothing' : /path|folder|file/.test(value) ? 'file' : 'word',
    choices: option.argChoices ?? [],
  };
}

/** The first sentence, safe between single quotes of any shell. */
const plain = (text: string) =>
  text
    .split('. ')[0]!
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/['’`\\]/g, '')
    .replaceAll(/[[\]:$"]/g, ' ')
    .trim();
