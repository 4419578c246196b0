import { openPostgresStore } from '@resift/retrieval/stores/postgres';
import { afterAll, beforeAll } from 'vitest';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import { storeLaws } from './store.ts';

let server: PostgresServer;
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

storeLaws('the PostgreSQL store', async (setup) => openPostgresStore({ ...setup, url: server.url, schema: `laws_${schemas++}` }));
