/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads text format 0.0.4; comments and lines that are no sample are left out. */
export function readSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found) return [];
    const [, name, inside = '', value] = found;
    const labels = Object.fromEntries([...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]));
    return [{ name: name!, labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) }];
  });
}

/** The sum by one label. */
export function sumBy(samples: readonly Sample[], name: string, label: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const sample of samples) {
    if (sample.name !== name) continue;
    const key = sample.labels[label] ?? '';
    sums[key] = (sums[key] ?? 0) + sample.value;
  }
  return sums;
}

export interface Latency {
  readonly count: number;
  readonly meanMs: number;
  /** The upper end of the bucket that holds the quantile; infinite above the last one. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Count, mean and quantiles of a histogram in seconds, for the samples that carry these labels. */
export function latencyOf(samples: readonly Sample[], name: string, wanted: Readonly<Record<string, string>> = {}): Latency | undefined {
  const mine = samples.filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value));
  const suffixed = (suffix: string) => mine.find((sample) => sample.name === name + suffix)?.value ?? 0;
  const count = suffixed('_count');
  if (count === 0) return undefined;
  const buckets = mine
    .filter((sample) => sample.name === `${name}_bucket`)
    .map(({ labels, value }) => ({ le: labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']), value }))
    .sort((a, b) => a.le - b.le);
  const quantile = (share: number) => 1000 * (buckets.find(({ value }) => value >= share * count)?.le ?? Number.POSITIVE_INFINITY);
  return { count, meanMs: (1000 * suffixed('_sum')) / count, p50Ms: quantile(0.5), p95Ms: quantile(0.95) };
}
