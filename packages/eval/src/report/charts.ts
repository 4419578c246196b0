import { escapeHtml } from './escape-html.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  /** Default `plain`. */
  readonly tone?: 'good' | 'bad' | 'plain';
}

const WIDTH = 720;
const LABELS = 230;
const ROW = 26;

/** Horizontal bars from zero with interval whiskers, as SVG. Negative values go to the left. */
export function barChart(bars: readonly Bar[], format: (value: number) => string): string {
  const edges = bars.flatMap(({ value, low = value, high = value }) => [value, low, high, 0]);
  const [least, most] = [Math.min(...edges), Math.max(...edges)];
  const x = scale(least, most === least ? least + 1 : most, LABELS + 8, WIDTH - 70);
  const rows = bars.map(({ label, value, low, high, tone = 'plain' }, i) => {
    const y = i * ROW + 6;
    const middle = y + 8;
    const whisker =
      low === undefined || high === undefined
        ? ''
        : `<path class="whisker" d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 4}v8M${x(high)} ${middle - 4}v8"/>`;
    const end = Math.max(x(value), x(high ?? value), x(0));
    return `<text class="label" x="${LABELS}" y="${y + 12}">${escapeHtml(label)}</text><rect class="${tone}" x="${Math.min(x(0), x(value))}" y="${y}" width="${Math.max(1, Math.abs(x(value) - x(0)))}" height="16"/>${whisker}<text x="${end + 6}" y="${y + 12}">${escapeHtml(format(value))}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${bars.length * ROW + 6}" role="img"><path class="axis" d="M${x(0)} 0V${bars.length * ROW + 6}"/>${rows.join('')}</svg>`;
}

export interface Point {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  /** Points of one line, in the order given, are joined. */
  readonly line?: string;
}

/** Points (cost to the right on a logarithmic axis, quality up), as SVG. */
export function scatter(points: readonly Point[], axes: { readonly x: string; readonly y: string }): string {
  const height = 320;
  const xs = points.map((point) => Math.log10(Math.max(point.x, 0.1)));
  const ys = points.map((point) => point.y);
  const margin = (Math.max(...ys) - Math.min(...ys) || 0.1) * 0.15;
  const x = scale(Math.min(...xs), Math.max(...xs) + 0.01, 60, WIDTH - 150);
  const y = scale(Math.min(...ys) - margin, Math.max(...ys) + margin, height - 40, 16);
  const at = ({ x: cost, y: quality }: Point) => `${round(x(Math.log10(Math.max(cost, 0.1))))} ${round(y(quality))}`;
  const lines = [...new Set(points.flatMap(({ line }) => line ?? []))].map(
    (line) =>
      `<path class="joined" d="M${points
        .filter((point) => point.line === line)
        .map(at)
        .join('L')}"/>`,
  );
  const dots = points.map((point) => {
    const [px, py] = at(point).split(' ');
    return `<circle cx="${px}" cy="${py}" r="4"/><text x="${Number(px) + 7}" y="${Number(py) + 4}">${escapeHtml(point.label)}</text>`;
  });
  const marks = [Math.min(...xs), Math.max(...xs)].map(
    (value) => `<text class="tick" x="${round(x(value))}" y="${height - 22}">${escapeHtml(number(10 ** value))}</text>`,
  );
  const levels = [Math.min(...ys), Math.max(...ys)].map(
    (value) => `<text class="tick" x="30" y="${round(y(value)) + 4}">${escapeHtml(number(value))}</text>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img"><path class="axis" d="M60 16V${height - 40}H${WIDTH - 150}"/>${lines.join('')}${dots.join('')}${marks.join('')}${levels.join('')}<text x="${WIDTH / 2 - 60}" y="${height - 4}">${escapeHtml(axes.x)}</text><text x="4" y="12">${escapeHtml(axes.y)}</text></svg>`;
}

function scale(fromLow: number, fromHigh: number, toLow: number, toHigh: number): (value: number) => number {
  const factor = (toHigh - toLow) / (fromHigh - fromLow || 1);
  return (value) => round(toLow + (value - fromLow) * factor);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
