import { Argument, Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { type CommandNode, commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';

const SHELLS: Readonly<Record<string, (tree: readonly CommandNode[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `resift completion <shell>`: a script for the shell, made from the definitions of the commands themselves. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('Print the completion script of a shell. Load it with: source <(resift completion bash)')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action((shell: string, _options: unknown, command: Command) => {
      process.stdout.write(SHELLS[shell]!(commandTree(command.parent!)));
    });
}
