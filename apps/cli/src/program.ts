import { Command } from 'commander';
import { askCommand } from './commands/ask.ts';
import { benchCommand } from './commands/bench.ts';
import { completionCommand } from './commands/completion.ts';
import { distilCommand } from './commands/distil.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evalCommand } from './commands/eval.ts';
import { ingestCommand } from './commands/ingest.ts';
import { modelsCommand } from './commands/models.ts';
import { rerankCommand } from './commands/rerank.ts';
import { searchCommand } from './commands/search.ts';
import { serveCommand } from './commands/serve.ts';

/** The command with everything below it; wrong usage throws commander's own error instead of ending the process. */
export function createProgram(version: string): Command {
  const program = new Command('resift')
    .description('Search your documents, rerank what was found, get a cited answer. Works without a key and without a download.')
    .version(version)
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or input, 130 stopped by Ctrl-C.');
  const commands = [
    serveCommand(),
    ingestCommand(),
    askCommand(),
    searchCommand(),
    rerankCommand(),
    evalCommand(),
    distilCommand(),
    modelsCommand(),
    benchCommand(),
    doctorCommand(),
    completionCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands, ...commands.flatMap((parent) => parent.commands)])
    command.exitOverride().showHelpAfterError('(add --help for the options)');
  return program;
}
