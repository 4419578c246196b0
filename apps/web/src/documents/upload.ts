import { authorization, failure, get, post } from '../session/api.ts';
import type { Job } from '../session/api-shapes.ts';

export interface Progress {
  readonly phase: 'uploading' | 'indexing' | 'done';
  /** 0 to 1 within the phase. */
  readonly share: number;
}

const POLL_MS = 250;

/** Sends one file and waits until it can be searched. Throws where it cannot be read or stored. */
export async function uploadFile(
  file: File,
  collection: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const form = new FormData();
  form.append('collection', collection);
  form.append('files', file, file.name);
  await indexed(await sendForm(form, (share) => onProgress({ phase: 'uploading', share }), signal), onProgress, signal);
}

/** Adds a text that was pasted. */
export async function addText(
  text: { title: string; text: string },
  collection: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const document = { text: text.text, ...(text.title !== '' && { title: text.title }) };
  const { job } = await post<{ job: string }>('/v1/documents?wait=false', { collection, documents: [document] }, signal);
  await indexed(job, onProgress, signal);
}

async function indexed(job: string, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { status, documents_done: done, documents_total: total, error } = await get<Job>(`/v1/jobs/${encodeURIComponent(job)}`, signal);
    if (error) throw new Error(error.message);
    if (status === 'done') return onProgress({ phase: 'done', share: 1 });
    onProgress({ phase: 'indexing', share: total === 0 ? 0 : done / total });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}

/** `fetch` tells nothing of how far a body has gone, so this is the old way. */
function sendForm(form: FormData, onShare: (share: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/v1/documents?wait=false');
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onShare(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(new Error('The server does not answer. Is it still running?'));
    request.onload = () => {
      if (request.status !== 202) return reject(failure(request.status, request.responseText));
      resolve((JSON.parse(request.responseText) as { job: string }).job);
    };
    signal.addEventListener('abort', () => {
      request.abort();
      reject(signal.reason);
    });
    request.send(form);
  });
}
