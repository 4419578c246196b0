import { useEffect, useRef, useState } from 'react';
import { sentence } from '../session/api.ts';
import { addText, type Progress, uploadFile } from './upload.ts';

/** One thing on its way in. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly state: Progress['phase'] | 'waiting' | 'failed';
  readonly share: number;
  readonly problem?: string;
}

type Work = (onProgress: (progress: Progress) => void, signal: AbortSignal) => Promise<void>;

/** Takes files and texts, one after the other: the models are the narrow place, and a file that fails stops no other. */
export function useUploads(onDone: () => void): {
  readonly uploads: readonly Upload[];
  addFiles(files: readonly File[], collection: string): void;
  paste(text: { title: string; text: string }, collection: string): void;
  forget(): void;
} {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const next = useRef(1);
  const abort = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    return () => controller.abort();
  }, []);

  function add(name: string, work: Work) {
    const id = next.current++;
    const { signal } = abort.current;
    const change = (part: Partial<Upload>) =>
      setUploads((before) => before.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
    setUploads((before) => [...before, { id, name, state: 'waiting', share: 0 }]);
    queue.current = queue.current.then(async () => {
      if (signal.aborted) return;
      try {
        await work(({ phase, share }) => change({ state: phase, share }), signal);
        change({ state: 'done', share: 1 });
        onDone();
      } catch (error) {
        if (!signal.aborted) change({ state: 'failed', problem: sentence(error) });
      }
    });
  }

  return {
    uploads,
    addFiles(files, collection) {
      for (const file of files) add(file.name, (onProgress, signal) => uploadFile(file, collection, onProgress, signal));
    },
    paste: (text, collection) => add(text.title || 'Pasted text', (onProgress, signal) => addText(text, collection, onProgress, signal)),
    forget: () => setUploads((before) => before.filter(({ state }) => state !== 'done' && state !== 'failed')),
  };
}
