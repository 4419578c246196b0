import { type Reranker, ResiftError } from '@resift/core';
import { cliEnvironment } from './config.ts';

export interface Teacher {
  readonly reranker: Reranker;
  close(): Promise<void>;
}

const HOSTED = ['cohere', 'jina', 'voyage', 'compatible'] as const;

/**
 * Opens the teacher that `--teacher` names: `mini`, `tiny` or `cascade` (embedded), `chat` (a listwise LLM, RESIFT_CHAT_URL and RESIFT_CHAT_MODEL), or `cohere:MODEL`, `jina:MODEL`,
 * `voyage:MODEL`, `compatible:MODEL` (key in RESIFT_TEACHER_KEY; `compatible` with its address in RESIFT_TEACHER_URL).
 */
export async function openTeacher(name: string): Promise<Teacher> {
  const nothing = async () => {};
  if (name === 'mini' || name === 'tiny' || name === 'cascade') {
    const { localReranker } = await import('resift');
    const reranker = await localReranker({ size: name });
    return { reranker, close: () => reranker.close() };
  }
  if (name === 'chat') {
    const { readConfig } = await import('@resift/api/config');
    const { chat } = readConfig();
    if (!chat)
      throw new ResiftError(
        'invalid_config',
        'The teacher `chat` needs RESIFT_CHAT_URL and RESIFT_CHAT_MODEL (and RESIFT_CHAT_KEY where the server wants one).',
      );
    const [{ openaiCompatible }, { listwise }] = await Promise.all([
      import('@resift/models/openai-compatible'),
      import('@resift/reranker/listwise'),
    ]);
    return { reranker: listwise(openaiCompatible(chat), { top: 'all' }), close: nothing };
  }
  const [provider, ...rest] = name.split(':');
  const model = rest.join(':');
  const { teacherKey: key, teacherUrl: url } = cliEnvironment();
  if (!HOSTED.includes(provider as never) || model === '') {
    throw new ResiftError(
      'invalid_input',
      `There is no teacher "${name}": expected mini, tiny, cascade, chat, or ${HOSTED.map((known) => `${known}:MODEL`).join(', ')}.`,
    );
  }
  if (provider === 'compatible') {
    if (!url) throw new ResiftError('invalid_config', 'The teacher `compatible` needs the address of its server in RESIFT_TEACHER_URL.');
    const { compatibleReranker } = await import('@resift/models/hosted-compatible');
    return { reranker: compatibleReranker({ model, key, url }), close: nothing };
  }
  if (!key) throw new ResiftError('invalid_config', `The teacher ${provider} needs its API key in RESIFT_TEACHER_KEY.`);
  const options = { model, key, url };
  if (provider === 'cohere') return { reranker: (await import('@resift/models/hosted-cohere')).cohereReranker(options), close: nothing };
  if (provider === 'jina') return { reranker: (await import('@resift/models/hosted-jina')).jinaReranker(options), close: nothing };
  return { reranker: (await import('@resift/models/hosted-voyage')).voyageReranker(options), close: nothing };
}
