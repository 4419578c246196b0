import { expect, it } from 'vitest';
import { listSettings, readConfig } from './config.ts';
import { tenantOf } from './keys.ts';

const mistakesIn = (environment: Record<string, string>): string => {
  try {
    readConfig({}, environment);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Expected mistakes.');
};

it('takes a bucket with its keys, and says what is missing', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'canary', AWS_ENDPOINT_URL: 'http://minio:9000' };
  const { s3, storeUrl, reader, demo } = readConfig({}, { RESIFT_STORE_URL: 's3://bucket/prefix', RESIFT_STORE_ROLE: 'reader', ...keys });
  expect({ s3, storeUrl, reader, demo }).toEqual({
    s3: { accessKeyId: 'id', secretAccessKey: 'canary', region: 'us-east-1', endpoint: 'http://minio:9000' },
    storeUrl: 's3://bucket/prefix',
    reader: true,
    demo: false,
  });
  for (const wrong of [{}, { ...keys, AWS_SECRET_ACCESS_KEY: '' }, { ...keys, AWS_ENDPOINT_URL: 'minio' }]) {
    const read = () => readConfig({}, { RESIFT_STORE_URL: 's3://bucket', ...wrong });
    expect(read).toThrow(/AWS_/);
    expect(read).not.toThrow(/canary/);
  }
  expect(() => readConfig({}, { RESIFT_STORE_URL: 'postgres://db/x', RESIFT_STORE_ROLE: 'reader' })).toThrow(/RESIFT_STORE_ROLE/);
});

it('needs nothing', () => {
  expect(readConfig({}, {})).toMatchObject({ host: '127.0.0.1', port: 3000, dataDir: './data', keys: [], preset: 'balanced', demo: true });
  expect(readConfig({}, { PORT: '', HOST: '' })).toMatchObject({ port: 3000, host: '127.0.0.1' });
});

it('lets what is given win over the environment', () => {
  expect(readConfig({ PORT: '4000' }, { PORT: '5000', HOST: 'localhost' })).toMatchObject({ port: 4000, host: 'localhost' });
});

it('lists every mistake at once, by name, and never shows a secret', () => {
  const message = mistakesIn({
    PORT: '80x',
    HOST: '0.0.0.0',
    RESIFT_API_KEYS: 'no-colon-hunter2,UPPER:hunter2',
    RESIFT_CHAT_URL: 'ftp://x',
    REDIS_URL: 'http://user:hunter2@x',
    RESIFT_LOG_LEVEL: 'loud',
    RESIFT_WORKERS: '0',
  });
  for (const name of ['PORT', 'RESIFT_API_KEYS', 'RESIFT_CHAT_URL', 'REDIS_URL', 'RESIFT_LOG_LEVEL', 'RESIFT_WORKERS'])
    expect(message).toContain(name);
  expect(message).toContain('"80x"');
  expect(message).not.toContain('hunter2');
});

it.each([
  [{ HOST: '0.0.0.0' }, 'RESIFT_API_KEYS'],
  [{ HOST: '::' }, 'RESIFT_API_KEYS'],
  [{ RESIFT_CHAT_URL: 'http://localhost:1/v1' }, 'RESIFT_CHAT_MODEL'],
  [{ RESIFT_CHAT_MODEL: 'm' }, 'RESIFT_CHAT_URL'],
  [{ RESIFT_CHAT_KEY: 'k' }, 'RESIFT_CHAT_URL'],
  [{ PORT: '65536' }, 'PORT'],
  [{ RESIFT_CORS_ORIGINS: 'https://a.org/path' }, 'RESIFT_CORS_ORIGINS'],
])('refuses %j', (environment, name) => {
  expect(mistakesIn(environment)).toContain(name);
});

it('reads keys, several to a tenant, and finds the tenant of one', () => {
  const { keys } = readConfig({}, { HOST: '0.0.0.0', RESIFT_API_KEYS: 'acme:one, acme:two:with:colons ,beta:three' });
  expect(keys.map(({ tenant }) => tenant)).toEqual(['acme', 'acme', 'beta']);
  expect(JSON.stringify(keys)).not.toContain('with:colons');
  expect(tenantOf(keys, 'one')).toBe('acme');
  expect(tenantOf(keys, 'two:with:colons')).toBe('acme');
  expect(tenantOf(keys, 'three')).toBe('beta');
  expect(tenantOf(keys, 'thre')).toBeUndefined();
});

it('describes every setting by its schema, with its default and what it may be', () => {
  const settings = listSettings();
  expect(settings.filter(({ description }) => description === '')).toEqual([]);
  const byName = Object.fromEntries(settings.map((setting) => [setting.name, setting]));
  expect(byName['PORT']).toMatchObject({ default: '3000', range: [0, 65_535] });
  expect(byName['RESIFT_PRESET']).toMatchObject({ default: 'balanced', values: ['fast', 'balanced', 'quality'] });
  expect(byName['RESIFT_API_KEYS']).not.toHaveProperty('default');
});
