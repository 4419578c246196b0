import { type LiftMonitor, type LiftReport, liftMonitor } from '@resift/reranker/lift';

/** Both orders of one request's passages, by id, best first. */
export interface Orders {
  readonly firstStage: readonly string[];
  readonly reranked: readonly string[];
}

export type FeedbackKind = 'click' | 'up' | 'down' | 'grade';

export interface LiftSummary extends LiftReport {
  readonly feedback: Readonly<Record<FeedbackKind, number>>;
}

/** Remembers recent requests of each tenant, so that feedback can still be told of them, and what reranking changed. */
export interface LiftLog {
  /** `ids`: what the caller may call this request by. Nobody waits for it. */
  record(tenant: string, ids: readonly string[], orders: Orders): void;
  /** What came of it: the request or the result is not known (any more), or it was taken. */
  feedback(
    tenant: string,
    request: string,
    result: string,
    kind: FeedbackKind,
    grade?: number,
  ): Promise<'unknown request' | 'unknown result' | 'taken'>;
  report(tenant: string): Promise<LiftSummary>;
}

/** A request that may still get feedback. */
export interface LiftEntry {
  readonly ids: readonly string[];
  readonly orders: Orders;
  readonly grades: Record<string, number>;
}

interface Tenant {
  readonly settled: LiftMonitor;
  /** By every id; a request may still get feedback while it is in here. */
  readonly open: Map<string, LiftEntry>;
  readonly order: LiftEntry[];
  readonly feedback: Record<FeedbackKind, number>;
}

/** So many requests of a tenant can still get feedback. */
const MOST_OPEN = 1_000;

/** The log of this process; a restart forgets it. */
export function createLiftLog(mostOpen: number = MOST_OPEN): LiftLog {
  const tenants = new Map<string, Tenant>();

  function tenantOf(name: string): Tenant {
    const known = tenants.get(name) ?? {
      settled: liftMonitor(),
      open: new Map(),
      order: [],
      feedback: { click: 0, up: 0, down: 0, grade: 0 },
    };
    tenants.set(name, known);
    return known;
  }

  return {
    record(name, ids, orders) {
      const tenant = tenantOf(name);
      const entry: LiftEntry = { ids, orders, grades: {} };
      for (const id of ids) tenant.open.set(id, entry);
      tenant.order.push(entry);
      if (tenant.order.length <= mostOpen) return;
      const oldest = tenant.order.shift()!;
      for (const id of oldest.ids) if (tenant.open.get(id) === oldest) tenant.open.delete(id);
      observeEntry(tenant.settled, oldest);
    },
    async feedback(name, request, result, kind, grade) {
      const tenant = tenantOf(name);
      const entry = tenant.open.get(request);
      if (!entry) return 'unknown request';
      if (!entry.orders.reranked.includes(result)) return 'unknown result';
      tenant.feedback[kind] += 1;
      // A click favours what stands first, so it says nothing of a list that was simply reranked: it is counted, not believed.
      if (kind !== 'click') entry.grades[result] = grade ?? (kind === 'up' ? 1 : 0);
      return 'taken';
    },
    async report(name) {
      const { settled, order, feedback } = tenantOf(name);
      // Requests that may still get feedback count as they stand now, without settling them.
      const now = liftMonitor({ state: settled.state() });
      for (const entry of order) observeEntry(now, entry);
      return { ...now.report(), feedback: { ...feedback } };
    },
  };
}

/** One request with what is known of it now. */
export function observeEntry(monitor: LiftMonitor, { orders, grades }: LiftEntry): void {
  monitor.observe({ ...orders, ...(Object.keys(grades).length > 0 && { grades: { ...grades } }) });
}

/**
 * Both orders from passages in their final order with their first-stage ranks. First-stage places of passages that are not among them
 * are filled with names of nobody, so that ranks stay what they were.
 */
export function ordersOf(passages: readonly { readonly id: string; readonly firstStage: { readonly rank: number } }[]): Orders {
  const most = passages.reduce((most, { firstStage }) => Math.max(most, firstStage.rank), 0);
  const firstStage = Array.from({ length: most }, (_, place) => `\u0000${place}`);
  for (const {
    id,
    firstStage: { rank },
  } of passages)
    firstStage[rank - 1] = id;
  return { firstStage, reranked: passages.map(({ id }) => id) };
}
