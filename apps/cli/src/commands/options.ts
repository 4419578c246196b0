import type { Command } from 'commander';

/** The options of every command that reads or writes a collection. */
export interface CollectionOptions {
  readonly collection: string;
  readonly server?: string;
  readonly dataDir?: string;
  readonly json: boolean;
}

/** What `--preset` may name; see `PRESETS` of `resift`. */
export const PRESETS: readonly string[] = ['fast', 'balanced', 'quality'];

export function withCollection(command: Command): Command {
  return command
    .option('-c, --collection <name>', 'the collection', 'default')
    .option('--data-dir <folder>', 'where documents are kept (default: RESIFT_DATA_DIR or ./data)')
    .option('--server <url>', 'a running resift server to ask instead (default: RESIFT_SERVER)')
    .option('--json', 'print JSON', false);
}
