import { ResiftError } from '@resift/core';
import type { S3Settings } from '@resift/retrieval/stores/s3-bucket';
import { PRESETS, type PresetName } from 'resift/presets';
import { z } from 'zod';
import { type Key, keyOf, TENANT } from './keys.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Rates } from './rates.ts';

/** Every setting of the server. `readConfig` is the only reader of the environment. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Without keys: loopback only, one tenant `default`, no rates. */
  readonly keys: readonly Key[];
  readonly preset: string;
  readonly chat?: { readonly url: string; readonly model: string; readonly key?: string };
  /** Where jobs, limits, lift and scores live that replicas share. Without it: in this process. */
  readonly redisUrl?: string;
  /** A PostgreSQL database with pgvector instead of LanceDB in `dataDir`, one schema per tenant; or `s3://bucket/prefix` for LanceDB there, one prefix per tenant. */
  readonly storeUrl?: string;
  /** Who asks at `s3://`. */
  readonly s3?: Omit<S3Settings, 'url'>;
  /** This process only searches; another one writes. */
  readonly reader: boolean;
  /** A cross-encoder of one's own beside the embedded rerankers, and what requests call it. */
  readonly reranker?: { readonly folder: string; readonly name: string };
  /** Origins that a browser may call from. Empty: CORS is off. */
  readonly corsOrigins: readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Load the demo collection where the data folder is empty. */
  readonly demo: boolean;
  /** Keep the token vectors of passages beside them, so that reranking takes milliseconds: about 20 KB for 100 tokens. */
  readonly tokenVectors: boolean;
  /** Whole searches are kept in memory up to so many bytes, over all tenants; 0 keeps none. */
  readonly searchCacheBytes: number;
  /** Threads that run models. Default: the cores, at most 4. */
  readonly workers?: number;
  readonly limits: Limits;
  /** Per tenant, only where keys are set. */
  readonly rates: Rates;
}

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const;
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\]|localhost)$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .meta({ minimum: least, maximum: most });
const httpUrl = z.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' });

const Environment = z.object({
  PORT: whole(0, 65_535).default(3000).describe('Port to listen on; 0 takes a free one.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on. Any but a loopback address needs `RESIFT_API_KEYS`.'),
  RESIFT_DATA_DIR: z
    .string()
    .default('./data')
    .describe('Folder of the documents, with one folder per tenant inside. One process at a time writes to it.'),
  RESIFT_API_KEYS: z
    .string()
    .transform(readKeys)
    .default([])
    .describe(
      '`tenant:key,...`. With keys every route but health, metrics and docs asks for one, tenants see only their own documents, and the limits per minute hold. Secret.',
    ),
  RESIFT_PRESET: z
    .enum(Object.keys(PRESETS) as [PresetName, ...PresetName[]])
    .default('balanced')
    .describe('What a request uses that names no preset.'),
  RESIFT_CHAT_URL: httpUrl
    .optional()
    .describe(
      'An OpenAI-compatible server that writes the answers, for example `http://localhost:11434/v1` (Ollama). Without one, answers are extracted from the sources.',
    ),
  RESIFT_CHAT_MODEL: z.string().optional().describe('The model there. Needed with `RESIFT_CHAT_URL`.'),
  RESIFT_CHAT_KEY: z.string().optional().describe('Its key, sent as a bearer token. Secret.'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'expected a URL that begins with redis:// or rediss://' })
    .optional()
    .describe('Ingest jobs, rate limits, lift and cached scores in Redis, so that they survive a restart and replicas share them.'),
  RESIFT_STORE_URL: z
    .url({ protocol: /^(postgres(ql)?|s3)$/, error: 'expected a URL that begins with postgres:// or s3://' })
    .optional()
    .describe(
      'A PostgreSQL database with pgvector instead of LanceDB in `RESIFT_DATA_DIR`; or `s3://bucket/prefix` for LanceDB in a bucket that honours conditional writes. `RESIFT_DATA_DIR` then holds what can be made from it again.',
    ),
  RESIFT_STORE_ROLE: z
    .enum(['writer', 'reader'])
    .default('writer')
    .describe(
      'With LanceDB one process writes; a reader only searches, takes up what the writer commits within seconds, and answers changes with 409.',
    ),
  AWS_ENDPOINT_URL: z
    .string()
    .optional()
    .describe('The object store of `s3://`, where it is not Amazon’s, for example `http://minio:9000`.'),
  AWS_REGION: z.string().default('us-east-1').describe('Its region.'),
  AWS_ACCESS_KEY_ID: z.string().optional().describe('Its key. Needed with `s3://`; keys of an instance’s role are not looked up.'),
  AWS_SECRET_ACCESS_KEY: z.string().optional().describe('Its secret key. Secret.'),
  AWS_SESSION_TOKEN: z.string().optional().describe('Its session token, where keys are temporary. Secret.'),
  RESIFT_RERANKER_FOLDER: z
    .string()
    .optional()
    .describe(
      'Folder of an ONNX cross-encoder (`config.json`, `tokenizer.json`, `onnx/model.onnx`), as `resift models pull` prints it: one more reranker, beside the embedded ones.',
    ),
  RESIFT_RERANKER_NAME: z
    .string()
    .regex(/^(?!resift)[\w][\w./-]{0,99}$/, 'expected letters, digits and . _ / -, and no name that begins with resift')
    .default('custom')
    .describe('What requests call it, as `model` of the rerank endpoints and as `rerank` of a search.'),
  RESIFT_CORS_ORIGINS: z
    .string()
    .transform(readOrigins)
    .default([])
    .describe('Origins that a browser may call from, separated by commas. Without any, CORS is off.'),
  RESIFT_LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('How much goes to standard error.'),
  RESIFT_DEMO: z.enum(['on', 'off']).default('on').describe('Load the demo collection where the store is empty and there are no keys.'),
  RESIFT_TOKEN_VECTORS: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Keep the token vectors of passages beside them, about 20 KB for 100 tokens, so that reranking takes milliseconds.'),
  RESIFT_SEARCH_CACHE_MB: whole(0, 65_536)
    .default(64)
    .describe(
      'Megabytes of memory for whole searches, so that a repeated question is answered at once until its collection changes; 0 is off.',
    ),
  RESIFT_WORKERS: whole(1, 64).optional().describe('Threads that run models. Without it: the cores, at most 4.'),
  RESIFT_REQUESTS_PER_MINUTE: whole(1, 1e9).default(1_200).describe('Requests of one tenant. Only with keys.'),
  RESIFT_PAIRS_PER_MINUTE: whole(1, 1e12)
    .default(600_000)
    .describe('Query and passage pairs that one tenant may have scored. Only with keys.'),
  RESIFT_TOKENS_PER_MINUTE: whole(1, 1e12).default(2_000_000).describe('Tokens that one tenant may have read by models. Only with keys.'),
  RESIFT_INGEST_BYTES_PER_MINUTE: whole(1, 1e12)
    .default(512 * 1024 * 1024)
    .describe('Bytes that one tenant may add. Only with keys.'),
});

/** One variable of the environment, as `docs/configuration.md` lists it. */
export interface Setting {
  readonly name: string;
  readonly description: string;
  /** As one would write it; undefined where a setting has none. */
  readonly default?: string;
  readonly values?: readonly string[];
  readonly range?: readonly [least: number, most: number];
}

/** Every setting that `readConfig` knows, from its own schema. */
export function listSettings(): Setting[] {
  const { properties } = z.toJSONSchema(Environment, { io: 'input', unrepresentable: 'any' });
  const presets: Readonly<Record<string, unknown>> = Environment.parse({});
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const { description = '', enum: values, minimum, maximum } = property as z.core.JSONSchema.JSONSchema;
    const preset = presets[name];
    return {
      name,
      description,
      ...(preset !== undefined && !Array.isArray(preset) && { default: String(preset) }),
      ...(values && { values: values.map(String) }),
      ...(minimum !== undefined && maximum !== undefined && { range: [minimum, maximum] as const }),
    };
  });
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings; `given` wins over the environment. Throws one `invalid_config` that lists every mistake, each with the
 * variable's name; a secret's value is never shown.
 */
export function readConfig(given: Variables = {}, environment: Variables = process.env): Config {
  // An empty variable is one that was not set: `PORT= npm start`.
  const set = Object.fromEntries(
    Object.entries({ ...environment, ...given }).filter(([name, value]) => name in Environment.shape && value),
  );
  const read = Environment.safeParse(set);
  const wrong = read.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}${shown(String(issue.path[0]), set)}`) ?? [];
  const mistakes = [...wrong, ...contradictions(set)];
  if (!read.success || mistakes.length > 0) {
    throw new ResiftError(
      'invalid_config',
      `The server cannot start, ${mistakes.length} setting(s) are wrong:\n- ${mistakes.join('\n- ')}`,
      {
        details: { mistakes },
      },
    );
  }

  const env = read.data;
  return {
    host: env.HOST,
    port: env.PORT,
    dataDir: env.RESIFT_DATA_DIR,
    keys: env.RESIFT_API_KEYS,
    preset: env.RESIFT_PRESET,
    ...(env.RESIFT_CHAT_URL &&
      env.RESIFT_CHAT_MODEL && {
        chat: { url: env.RESIFT_CHAT_URL, model: env.RESIFT_CHAT_MODEL, ...(env.RESIFT_CHAT_KEY && { key: env.RESIFT_CHAT_KEY }) },
      }),
    ...(env.REDIS_URL && { redisUrl: env.REDIS_URL }),
    ...(env.RESIFT_STORE_URL && { storeUrl: env.RESIFT_STORE_URL }),
    ...(onS3(env.RESIFT_STORE_URL) && {
      s3: {
        accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
        region: env.AWS_REGION,
        ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
        ...(env.AWS_ENDPOINT_URL && { endpoint: env.AWS_ENDPOINT_URL }),
      },
    }),
    reader: env.RESIFT_STORE_ROLE === 'reader',
    ...(env.RESIFT_RERANKER_FOLDER && { reranker: { folder: env.RESIFT_RERANKER_FOLDER, name: env.RESIFT_RERANKER_NAME } }),
    corsOrigins: env.RESIFT_CORS_ORIGINS,
    logLevel: env.RESIFT_LOG_LEVEL,
    demo: env.RESIFT_DEMO === 'on' && env.RESIFT_STORE_ROLE === 'writer',
    tokenVectors: env.RESIFT_TOKEN_VECTORS === 'on',
    searchCacheBytes: env.RESIFT_SEARCH_CACHE_MB * 2 ** 20,
    ...(env.RESIFT_WORKERS !== undefined && { workers: env.RESIFT_WORKERS }),
    limits: defaultLimits,
    rates: {
      requests: env.RESIFT_REQUESTS_PER_MINUTE,
      pairs: env.RESIFT_PAIRS_PER_MINUTE,
      tokens: env.RESIFT_TOKENS_PER_MINUTE,
      ingestBytes: env.RESIFT_INGEST_BYTES_PER_MINUTE,
    },
  };
}

function contradictions(env: Variables): string[] {
  const mistakes: string[] = [];
  if (env.HOST && !isLoopback(env.HOST) && !env.RESIFT_API_KEYS) {
    mistakes.push(`HOST: ${env.HOST} can be reached by others, so keys are needed. Set RESIFT_API_KEYS=tenant:key, or HOST=127.0.0.1.`);
  }
  if (env.RESIFT_CHAT_URL && !env.RESIFT_CHAT_MODEL)
    mistakes.push('RESIFT_CHAT_MODEL: expected the name of a model, since RESIFT_CHAT_URL is set.');
  if (env.RESIFT_CHAT_MODEL && !env.RESIFT_CHAT_URL)
    mistakes.push('RESIFT_CHAT_URL: expected the URL of a server, since RESIFT_CHAT_MODEL is set.');
  if (env.RESIFT_CHAT_KEY && !env.RESIFT_CHAT_URL)
    mistakes.push('RESIFT_CHAT_URL: expected the URL of a server, since RESIFT_CHAT_KEY is set.');
  if (onS3(env.RESIFT_STORE_URL) && !(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY))
    mistakes.push('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: expected both, since RESIFT_STORE_URL is in a bucket.');
  if (onS3(env.RESIFT_STORE_URL) && env.AWS_ENDPOINT_URL && !/^https?:\/\//.test(env.AWS_ENDPOINT_URL))
    mistakes.push('AWS_ENDPOINT_URL: expected a URL that begins with http:// or https://.');
  if (env.RESIFT_STORE_ROLE === 'reader' && /^postgres/.test(env.RESIFT_STORE_URL ?? ''))
    mistakes.push('RESIFT_STORE_ROLE: every process may write to PostgreSQL. Leave it out.');
  if (env.RESIFT_RERANKER_NAME && !env.RESIFT_RERANKER_FOLDER)
    mistakes.push('RESIFT_RERANKER_FOLDER: expected a folder, since RESIFT_RERANKER_NAME is set.');
  return mistakes;
}

const onS3 = (url: string | undefined) => url?.startsWith('s3://') ?? false;

function shown(name: string, set: Variables): string {
  return /KEY|TOKEN$|REDIS|STORE_URL/.test(name) || set[name] === undefined ? '' : ` (got ${JSON.stringify(set[name])})`;
}

function readKeys(text: string, context: z.RefinementCtx): readonly Key[] {
  return items(text).flatMap((entry, index) => {
    const colon = entry.indexOf(':');
    const tenant = entry.slice(0, colon);
    const key = entry.slice(colon + 1);
    if (colon > 0 && TENANT.test(tenant) && key !== '' && !/\s/.test(key)) return [keyOf(tenant, key)];
    context.addIssue({
      code: 'custom',
      message: `entry ${index + 1}: expected tenant:key, the tenant of a-z, 0-9, - and _, the key without white space`,
    });
    return [];
  });
}

function readOrigins(text: string, context: z.RefinementCtx): readonly string[] {
  return items(text).flatMap((entry) => {
    if (URL.canParse(entry) && new URL(entry).origin === entry) return [entry];
    context.addIssue({ code: 'custom', message: `expected origins like https://example.org, got ${JSON.stringify(entry)}` });
    return [];
  });
}

const items = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
