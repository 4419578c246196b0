import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { get, sentence } from './api.ts';
import type { Collection } from './api-shapes.ts';

/** What every page shares: the collections, the chosen one, the rerankers on offer. */
export interface Session {
  readonly collections: readonly Collection[];
  readonly collection: string;
  readonly choose: (name: string) => void;
  readonly presets: readonly string[];
  readonly rerankers: readonly string[];
  /** False until the collections are known: before that a question would go to the wrong one. */
  readonly loaded: boolean;
  readonly problem: string | undefined;
  readonly reload: () => Promise<void>;
}

const Shared = createContext<Session | undefined>(undefined);
const CHOSEN = 'resift.collection';
const DEMO = 'demo';

export function useSession(): Session {
  const session = useContext(Shared);
  if (!session) throw new Error('useSession outside of SessionProvider');
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }): ReactNode {
  const [collections, setCollections] = useState<readonly Collection[]>([]);
  const [chosen, setChosen] = useState<string | undefined>(() => sessionStorage.getItem(CHOSEN) ?? undefined);
  const [models, setModels] = useState<readonly { id: string; type: string }[]>([]);
  const [loaded, setLoaded] = useState(false);
  const [problem, setProblem] = useState<string>();

  const reload = useCallback(async () => {
    try {
      const [found, listed] = await Promise.all([
        get<{ collections: Collection[] }>('/v1/collections'),
        get<{ data: { id: string; type: string }[] }>('/v1/models'),
      ]);
      setCollections(found.collections);
      setModels(listed.data);
      setLoaded(true);
      setProblem(undefined);
    } catch (error) {
      setProblem(sentence(error));
    }
  }, []);
  useEffect(() => void reload(), [reload]);

  const session = useMemo<Session>(() => {
    const names = collections.map(({ name }) => name);
    const fallback = names.includes(DEMO) ? DEMO : (names[0] ?? 'default');
    return {
      collections,
      collection: chosen && names.includes(chosen) ? chosen : fallback,
      choose(name) {
        sessionStorage.setItem(CHOSEN, name);
        setChosen(name);
      },
      // Chat pipelines are `resift` and `resift-<preset>`.
      presets: models.flatMap(({ id, type }) => (type === 'chat' && id.startsWith('resift-') ? [id.slice('resift-'.length)] : [])),
      rerankers: models.flatMap(({ id, type }) => (type === 'rerank' ? [id] : [])),
      loaded,
      problem,
      reload,
    };
  }, [collections, chosen, models, loaded, problem, reload]);
  return <Shared value={session}>{children}</Shared>;
}
