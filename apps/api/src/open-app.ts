import type { Logger } from 'pino';
import { type App, createApp } from './app.ts';
import type { Config } from './config.ts';
import { openServices } from './open-services.ts';
import type { Services } from './services.ts';
import { openSharedState } from './shared-state.ts';

export interface OpenApp extends App {
  readonly services: Services;
}

/** The application over the real models and store, without a port. `close` closes them, too. */
export async function openApp(config: Config, log?: Logger): Promise<OpenApp> {
  const state = await openSharedState(config);
  const services = await openServices(config, state.scores).catch(async (error: unknown) => {
    await state.close();
    throw error;
  });
  try {
    const app = createApp(services, config, log, state);
    return {
      ...app,
      services,
      async close() {
        await app.close();
        await services.close();
        await state.close();
      },
    };
  } catch (error) {
    await services.close();
    await state.close();
    throw error;
  }
}
