import { basename, relative } from 'node:path';
import { pino } from 'pino';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { loadDemo, tryLines } from './demo.ts';
import { withoutText } from './error-log.ts';
import { openServices } from './open-services.ts';
import { listen, type RunningServer } from './server.ts';
import type { Readiness, Services } from './services.ts';
import { openSharedState } from './shared-state.ts';

/**
 * Serves until SIGTERM or Ctrl-C: the port opens at once, `/readyz` is 200 when the models are loaded and the demo is in. People
 * read standard output, the log goes to standard error.
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: false }));
  say('Opening models and data …');
  const state = await openSharedState(config);
  const services = await openServices(config, state.scores).catch(async (error: unknown) => {
    await state.close();
    throw error;
  });
  const demo = demoPart(services);
  const app = createApp(demo.services, config, log, state);
  const server = await listen(app, config).catch(async (error: unknown) => {
    await app.close();
    await services.close();
    await state.close();
    throw error;
  });
  process.on('unhandledRejection', (error) => log.error(withoutText(error), 'unhandled rejection'));
  stopOnSignals(async () => {
    await server.stop();
    await services.close();
    await state.close();
  });

  await services.warm();
  const loaded = config.demo && config.keys.length === 0 && (await loadDemo(await services.store('default')));
  demo.done();
  say(`resift listens on ${server.url}`);
  const lines = tryLines(server.url, commandLine());
  if (config.keys.length === 0) say(loaded ? `The data folder was empty, so it holds a demo collection now.\n\n${lines}` : lines);
  return server;
}

/** Not ready before the demo is in: what the first lines say to try must work. */
function demoPart(services: Services): { services: Services; done: () => void } {
  let status: Readiness['parts'][string]['status'] = 'loading';
  const readiness = async () => {
    const { ready, parts } = await services.readiness();
    return { ready: ready && status === 'ready', parts: { ...parts, demo: { status } } };
  };
  return {
    services: { ...services, readiness },
    done: () => {
      status = 'ready';
    },
  };
}

function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    if (stopping) process.exit(signal === 'SIGTERM' ? 143 : 130);
    stopping = true;
    say('Stopping: streams may end, nothing new is let in. Again to stop at once.');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** How this command was called, so that the lines to try can be copied as they are. */
function commandLine(): string {
  const script = process.argv[1] ?? 'resift';
  return /^resift(\.mjs)?$/.test(basename(script)) ? 'npx resift' : `node ${relative(process.cwd(), script)}`;
}

const say = (text: string) => process.stdout.write(`${text}\n`);
