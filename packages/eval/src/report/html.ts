import type { MetricComparison } from '../experiment/compare-results.ts';
import { average, type ExperimentResult } from '../experiment/result.ts';
import { barChart, scatter } from './charts.ts';
import { escapeHtml as e } from './escape-html.ts';
import { type Movement, movements } from './movements.ts';
import { type Summary, shown, shownP, signed, sliceMetrics, summaries } from './summary.ts';

export interface HtmlReportOptions {
  /** The metric of the per-question table and the frontier. Default: the first. */
  readonly metric?: string | undefined;
  /** Rows of each per-question table: the worst losses, then the best gains. Default 40. */
  readonly rows?: number | undefined;
  /** Where they are known already. */
  readonly summaries?: readonly Summary[] | undefined;
}

/** A result as one self-contained HTML file: no script, no font, no image from elsewhere; it opens from a disk and prints. */
export function htmlReport(result: ExperimentResult, options: HtmlReportOptions = {}): string {
  const { metric = result.metrics[0]!.name, rows = 40 } = options;
  const { machine, commit, models } = result.provenance;
  const [all, ...slices] = options.summaries ?? summaries(result);
  const others = result.systems.filter(({ id }) => id !== result.baseline);
  const [title, ...about] = result.name.split('; ');
  const charts = (detail: boolean) =>
    result.metrics.filter((each) => (each.detail ?? false) === detail).map(({ name, better }) => differenceChart(name, better, all!));
  const details = charts(true).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${e(result.name)}</title><style>${CSS}</style></head><body>
<h1>${e(title!)}</h1>
<p>${result.questions.length} questions of ${e(result.dataSet.id)}, ${result.systems.length} systems, baseline <b>${e(result.baseline)}</b>. ${e([...about, result.finishedAt].join('; '))}.</p>
${result.valid ? '' : '<p class="invalid">Not valid: at least one query was degraded. These numbers measure a fault.</p>'}
<h2>Means</h2><p>▲ and ▼: significantly better or worse than the baseline, or than the system it belongs to (randomisation test, p &lt; 0.05 after Holm’s correction). Hover for the interval.</p>
${summaryTable(result, all!)}
<h2>What sank and what rose (${e(metric)})</h2>
${others.map(({ id }) => `<details${others.length === 1 ? ' open' : ''}><summary>${e(id)}</summary>${movementTable(movements(result, id, metric), rows)}</details>`).join('')}
<h2>Differences from the baseline</h2>${charts(false).join('')}${details === '' ? '' : `<details><summary>Further metrics</summary>${details}</details>`}
<h2>Quality against time</h2>${frontier(result, metric)}
${slices.length === 0 ? '' : '<h2>Kinds of questions</h2>'}${slices.map((slice) => `<details><summary>${e(slice.slice!)} (${result.questions.filter(({ slices: own }) => own.includes(slice.slice!)).length})</summary>${summaryTable(result, slice)}</details>`).join('')}
<h2>Time per stage</h2>${stageTable(result)}
<h2>Made with</h2><p>${e(machine.cpu)}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${e(machine.platform)}, Node ${e(machine.node)}; commit ${e(commit)}; data ${e(result.dataSet.fingerprint)}; seeds ${result.seeds.join(', ')}.</p>
<ul>${Object.entries(models)
    .map(([name, hash]) => `<li>${e(name)} <code>${e(hash)}</code></li>`)
    .join('')}</ul>
</body></html>
`;
}

function summaryTable(result: ExperimentResult, { slice, cells }: Summary): string {
  const shownHere = sliceMetrics(result, slice);
  const metrics = result.metrics.filter(({ name }) => shownHere.includes(name));
  const head = metrics.map(({ name, better }) => `<th>${e(name)} ${better === 'higher' ? '↑' : '↓'}</th>`).join('');
  const body = result.systems.map(({ id }) => {
    const row = metrics.map(({ name }) => {
      const { mean, n, comparison } = cells.get(id)!.get(name)!;
      return `<td title="${e(comparison ? tip(comparison) : `n = ${n}`)}">${e(shown(mean))}${mark(comparison)}</td>`;
    });
    return `<tr><th>${e(id)}</th>${row.join('')}</tr>`;
  });
  return `<table><tr><th></th>${head}</tr>${body.join('')}</table>`;
}

function tip({ difference, adjustedP, minimumDetectable, queries, wins, losses }: MetricComparison): string {
  return `${signed(difference.estimate)} [${signed(difference.low)}, ${signed(difference.high)}], p ${shownP(adjustedP)}, n = ${queries}, ${wins} won, ${losses} lost; smaller than ${shown(minimumDetectable)} would not be seen`;
}

function mark(comparison: MetricComparison | undefined): string {
  if (comparison?.verdict === 'better') return ' <b class="good">▲</b>';
  return comparison?.verdict === 'worse' ? ' <b class="bad">▼</b>' : '';
}

function differenceChart(metric: string, better: 'higher' | 'lower', { cells }: Summary): string {
  const bars = [...cells].flatMap(([label, byMetric]) => {
    const { comparison } = byMetric.get(metric)!;
    if (!comparison) return [];
    const tone = comparison.verdict === 'better' ? 'good' : comparison.verdict === 'worse' ? 'bad' : 'plain';
    const { estimate: value, low, high } = comparison.difference;
    return [{ label, value, low, high, tone } as const];
  });
  return bars.length === 0 ? '' : `<h3>${e(metric)} (${better} is better)</h3>${barChart(bars, signed)}`;
}

function frontier(result: ExperimentResult, metric: string): string {
  const points = result.systems.flatMap((system) => {
    const { mean } = average(result, system, metric);
    const { cpu, ...stages } = system.stages;
    const ms = cpu?.p50 ?? Object.values(stages).reduce((sum, { p50 }) => sum + p50, 0);
    return Number.isFinite(mean) && ms > 0 ? [{ label: system.id, x: ms, y: mean }] : [];
  });
  return points.length === 0
    ? '<p>No times were measured.</p>'
    : scatter(points, { x: 'milliseconds per question (median; processor time where it was taken; logarithmic)', y: metric });
}

function stageTable({ systems }: ExperimentResult): string {
  const stages = [...new Set(systems.flatMap((system) => Object.keys(system.stages)))];
  const rows = systems.map(({ id, stages: times }) => {
    const row = stages.map((stage) => `<td>${times[stage] ? `${shown(times[stage].p50)} / ${shown(times[stage].p95)}` : '–'}</td>`);
    return `<tr><th>${e(id)}</th>${row.join('')}</tr>`;
  });
  return `<table><tr><th>ms, median / 95 %</th>${stages.map((stage) => `<th>${e(stage)}</th>`).join('')}</tr>${rows.join('')}</table>`;
}

function movementTable(all: readonly Movement[], rows: number): string {
  const losses = all.filter(({ gain }) => gain < 0);
  const gains = all.filter(({ gain }) => gain > 0).reverse();
  const shownRows = [...losses.slice(0, rows), ...gains.slice(0, rows)].map(({ text, before, after, gain, rose, sank, answers, why }) => {
    const up = rose.map(({ id, rank, from }) => `${id} → #${rank}${from ? ` (was #${from})` : ''}`).join(', ');
    const down = sank.map(({ id, rank, to }) => `${id}: #${rank} → ${to ? `#${to}` : 'below 10'}`).join(', ');
    const said = answers[0] === answers[1] ? '' : `${answers[0] ?? ''} → ${answers[1] ?? ''}`;
    return `<tr class="${gain < 0 ? 'lost' : 'won'}"><td>${e(text)}</td><td>${e(shown(before))} → ${e(shown(after))}</td><td>${e(why)}</td><td>${e(up)}</td><td>${e(down)}</td><td>${e(said)}</td></tr>`;
  });
  return `<p>${losses.length} lost, ${gains.length} won, ${all.length - losses.length - gains.length} even. Worst losses first.</p><table class="wide"><tr><th>question</th><th>value</th><th>why</th><th>rose into the first five</th><th>sank out of them</th><th>answer</th></tr>${shownRows.join('')}</table>`;
}

const CSS = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}table{border-collapse:separate;border-spacing:0;font-size:.9em;display:block;overflow-x:auto}th,td{padding:.25rem .6rem;border-bottom:1px solid #8884;text-align:right;vertical-align:top}th:first-child,.wide td,.wide th{text-align:left}tr>th:first-child{white-space:nowrap;position:sticky;left:0;background:Canvas}td{white-space:nowrap}.wide td{white-space:normal;min-width:7rem}p{overflow-wrap:anywhere}details{margin:.4rem 0}@media print{details>*{display:block}}svg{max-width:760px;width:100%;font:12px system-ui,sans-serif;fill:currentColor}svg .label{text-anchor:end}svg .plain{fill:#8a8a8a}.good{color:#1a7f37}svg .good{fill:#1a7f37}.bad{color:#c9252d}svg .bad{fill:#c9252d}svg circle{fill:#2563eb}svg .whisker,svg .axis,svg .joined{stroke:currentColor;fill:none}svg .joined{stroke:#2563eb88}svg .tick{text-anchor:middle;opacity:.7}.lost{background:#c9252d14}.won{background:#1a7f3714}.invalid{background:#c9252d;color:#fff;padding:.5rem}code{font-size:.8em;overflow-wrap:anywhere}summary{cursor:pointer;font-weight:600}`;
