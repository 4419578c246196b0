import { Command } from 'commander';

/** `resift serve`: the HTTP API on a port, until SIGTERM or Ctrl-C. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve the HTTP API. Settings come from the environment (PORT, HOST, RESIFT_DATA_DIR, …); these options win over it.')
    .option('-p, --port <number>', 'port to listen on (default: PORT or 3000)')
    .option('--host <address>', 'address to listen on (default: HOST or 127.0.0.1)')
    .option('--data-dir <folder>', 'where documents are kept (default: RESIFT_DATA_DIR or ./data)')
    .action(async ({ port, host, dataDir }: { port?: string; host?: string; dataDir?: string }) => {
      const { readConfig } = await import('@resift/api/config');
      const { startServer } = await import('@resift/api/start');
      const given = { PORT: port, HOST: host, RESIFT_DATA_DIR: dataDir };
      await startServer(readConfig(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))));
    });
}
