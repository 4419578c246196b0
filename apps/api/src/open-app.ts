import type { Logger } from 'pino';
import { type App, createApp } from './app.ts';
import type { Config } from './config.ts';
import { openServices } from './open-services.ts';
import type { Services } from './services.ts';

export interface OpenApp extends App {
  readonly services: Services;
}

/** The application over the real models and store, without a port. `close` closes them, too. */
export async function openApp(config: Config, log?: Logger): Promise<OpenApp> {
  const services = await openServices(config);
  try {
    const app = createApp(services, config, log);
    return {
      ...app,
      services,
      async close() {
        await app.close();
        await services.close();
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}
