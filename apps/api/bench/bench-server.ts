import { createInterface } from 'node:readline';
import { readConfig } from '../src/config.ts';
import { openApp } from '../src/open-app.ts';
import { listen } from '../src/server.ts';
import { loopClock } from './loop-clock.ts';

// The server of a benchmark, in a process of its own so that its clients do not slow it: prints its URL when the models are warm, answers each line
// with the lag of its event loop since the last one, ends with its standard input.
const config = readConfig({
  RESIFT_DATA_DIR: process.argv[2]!,
  RESIFT_LOG_LEVEL: 'silent',
  RESIFT_DEMO: 'off',
  PORT: '0',
  HOST: '127.0.0.1',
});
const app = await openApp(config);
const server = await listen(app, config);
await app.services.warm();
console.log(server.url);
const clock = loopClock();
createInterface({ input: process.stdin }).on('line', () => console.log(JSON.stringify(clock.read())));
process.stdin.on('end', async () => {
  await server.stop();
  await app.close();
});
