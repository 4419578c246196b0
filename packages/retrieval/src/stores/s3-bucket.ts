import { ResiftError } from '@resift/core';
import type { ObjectBucket } from './object-bucket.ts';

/** Where a bucket is and who asks. */
export interface S3Settings {
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Default `us-east-1`. */
  readonly region?: string | undefined;
  /** Of a server that is not Amazon's, e.g. `http://127.0.0.1:9000`; the bucket goes into the path. Default: Amazon's of the region. */
  readonly endpoint?: string | undefined;
}

const TIMEOUT_MS = 10_000;
const DEFAULT_REGION = 'us-east-1';

/** Objects of a few megabytes at most under the prefix of the URL. `unavailable` where the server does not answer or refuses. Needs the peer dependency aws4fetch, which signs the requests. */
export async function s3Bucket(settings: S3Settings): Promise<ObjectBucket> {
  const { AwsClient } = await import('aws4fetch').catch((cause: unknown) => {
    throw new ResiftError('unavailable', 'Expected aws4fetch to be installed. Run `npm install aws4fetch@1.0.20`.', { cause });
  });
  const { accessKeyId, secretAccessKey, sessionToken, region = DEFAULT_REGION } = settings;
  const client = new AwsClient({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }), region, service: 's3', retries: 3 });
  const { endpoint = `https://s3.${region}.amazonaws.com` } = settings;
  const { bucket, prefix } = placeOf(settings.url);
  const base = `${endpoint.replace(/\/$/, '')}/${bucket}/`;

  async function ask(
    method: string,
    path: string,
    init: { readonly headers?: Record<string, string>; readonly body?: string | Uint8Array<ArrayBuffer> } = {},
  ) {
    const fetched = client.fetch(base + path, { method, ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const whole = fetched.then(async (response) => ({ response, bytes: new Uint8Array(await response.arrayBuffer()) }));
    const { response, bytes } = await whole.catch((cause: unknown) => {
      throw new ResiftError('unavailable', `The object store at ${endpoint} does not answer.`, { cause });
    });
    const { status } = response;
    if (response.ok || EXPECTED.has(status)) return { status, bytes, tag: response.headers.get('etag') ?? '' };
    const code = /<Code>(\w+)<\/Code>/.exec(textOf(bytes))?.[1] ?? 'no code';
    throw new ResiftError('unavailable', `The object store at ${endpoint} answered ${status} (${code}) to ${method} ${bucket}.`, {
      details: { status },
    });
  }

  async function found(key: string) {
    const { status, bytes, tag } = await ask('GET', prefix + pathOf(key));
    if (status === 404 && textOf(bytes).includes('NoSuchBucket')) {
      throw new ResiftError('invalid_config', `There is no bucket ${bucket} at ${endpoint}: create it first.`);
    }
    return status === 200 ? { bytes, tag } : undefined;
  }

  return {
    async get(key) {
      const object = await found(key);
      return object && { text: textOf(object.bytes), tag: object.tag };
    },
    async put(key, text, over) {
      const headers: Record<string, string> = over === undefined ? { 'if-none-match': '*' } : { 'if-match': over };
      const { status, tag } = await ask('PUT', prefix + pathOf(key), { body: text, headers });
      return status === 200 ? tag : undefined;
    },
    async delete(key) {
      await ask('DELETE', prefix + pathOf(key));
    },
    read: async (key) => (await found(key))?.bytes,
    async write(key, bytes) {
      const { status } = await ask('PUT', prefix + pathOf(key), { body: bytes as Uint8Array<ArrayBuffer> });
      if (status === 200) return;
      throw new ResiftError('unavailable', `The object store at ${endpoint} answered ${status} to PUT ${bucket}.`, { details: { status } });
    },
    async list(begin) {
      const sizes = new Map<string, number>();
      for (let more: string | undefined = ''; more !== undefined; ) {
        const query: string = `?list-type=2&prefix=${encodeURIComponent(prefix + begin)}${more && `&continuation-token=${encodeURIComponent(more)}`}`;
        const page = textOf((await ask('GET', query)).bytes);
        for (const [object] of page.matchAll(/<Contents>[\s\S]*?<\/Contents>/g)) {
          sizes.set(elementIn(object, 'Key')!.slice(prefix.length), Number(elementIn(object, 'Size')));
        }
        more = elementIn(page, 'NextContinuationToken');
      }
      return sizes;
    },
  };
}

const pathOf = (key: string) => key.split('/').map(encodeURIComponent).join('/');
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const ESCAPED: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" };

function elementIn(xml: string, element: string): string | undefined {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
  return text?.replace(/&\w+;/g, (name) => ESCAPED[name] ?? name);
}

/** No such object; somebody else's condition held first; one that is not there cannot match. */
const EXPECTED: ReadonlySet<number> = new Set([404, 409, 412]);

/** Bucket and prefix; the prefix ends with a slash or is empty. Throws `invalid_config`. */
export function placeOf(url: string): { readonly bucket: string; readonly prefix: string } {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(url);
  if (!found) throw new ResiftError('invalid_config', `Expected s3://bucket/prefix, got ${JSON.stringify(url)}.`);
  const [, bucket = '', prefix = ''] = found;
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/** The same settings in LanceDB's words. */
export function lanceStorage({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  region = DEFAULT_REGION,
  endpoint,
}: S3Settings): Record<string, string> {
  return {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_region: region,
    ...(sessionToken && { aws_session_token: sessionToken }),
    ...(endpoint && { aws_endpoint: endpoint, allow_http: String(endpoint.startsWith('http://')) }),
  };
}
