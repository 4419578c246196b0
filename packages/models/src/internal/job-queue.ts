/** A call that waits: several steps, begun one at a time. */
export interface Job {
  readonly priority: number;
  readonly steps: number;
  /** How many steps were begun. The queue counts. */
  begun: number;
}

/** Higher priority first; jobs of equal priority take turns, step by step, so that a long one does not hold up the short. */
export interface JobQueue<J extends Job> {
  /** Jobs that have steps to begin. */
  readonly size: number;
  add(job: J): void;
  remove(job: J): void;
  peek(): J | undefined;
  /** Begins the next step: its job and its position there. */
  take(): { readonly job: J; readonly step: number } | undefined;
  clear(): J[];
}

/** An empty queue. */
export function createJobQueue<J extends Job>(): JobQueue<J> {
  let waiting: J[] = []; // in the order in which they are to go on

  const add = (job: J) => {
    const at = waiting.findIndex((other) => other.priority < job.priority);
    waiting.splice(at < 0 ? waiting.length : at, 0, job);
  };
  return {
    get size() {
      return waiting.length;
    },
    add,
    remove(job) {
      waiting = waiting.filter((other) => other !== job);
    },
    peek: () => waiting[0],
    take() {
      const job = waiting.shift();
      if (!job) return undefined;
      const step = job.begun;
      job.begun += 1;
      if (job.begun < job.steps) add(job);
      return { job, step };
    },
    clear() {
      const all = waiting;
      waiting = [];
      return all;
    },
  };
}
