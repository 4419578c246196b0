import type { MetricComparison } from '@resift/eval/experiment/compare-results';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import { markdownReport } from '@resift/eval/report/markdown';
import { type Summary, shown, shownP } from '@resift/eval/report/summary';

/** The reranker that the conclusion is about: what the server uses by default. */
const RERANKER = / \+ cascade\b/;
/** What a reader asks first, in the order of an answer's making. */
const ASKED = [/^gold passage@\d+$/, /^nDCG@10$/, /^hallucination rate \(gold answers only\)$/, /^hallucination rate$/, /^right$/];
/** What says that reranking helped a kind of question. */
const HELP = [/^gold passage@\d+$/, /^nDCG@10$/, /^hallucination rate( \(gold answers only\))?$/, /^right$/];

/** The report of a table with a conclusion in plain words at its head, which is true of whatever was measured. */
export function headlineMarkdown(result: ExperimentResult, known: readonly Summary[]): string {
  const [title, gap, about, ...rest] = markdownReport(result, known).split('\n');
  return [title, gap, about, '', ...conclusion(result, known), ...rest].join('\n');
}

/** Right where there is no answer, wrong where there is one: `right` and `miss` judge it. */
const NEITHER = 'abstention';

/** What the cascade did to each first stage, where it did not help, and what got worse, as Markdown lines. */
export function conclusion(result: ExperimentResult, [all, ...slices]: readonly Summary[]): string[] {
  const reranked = result.systems.flatMap(({ id, against }) => (RERANKER.test(id) && against !== undefined ? [{ id, against }] : []));
  if (reranked.length === 0) return [];
  const compared = (summary: Summary, id: string) =>
    [...(summary.cells.get(id)?.values() ?? [])].flatMap(({ comparison }) => comparison ?? []);
  const lines = reranked.map(({ id, against }) => {
    const told = ASKED.flatMap((name) => compared(all!, id).filter(({ metric }) => name.test(metric)));
    return `- ${against}: ${told.map(phrase).join('; ')}.`;
  });

  const unhelped = slices.filter((summary) =>
    reranked.every(({ id }) =>
      compared(summary, id).every(({ metric, verdict }) => verdict !== 'better' || !HELP.some((name) => name.test(metric))),
    ),
  );
  const worse = [all!, ...slices].flatMap((summary) =>
    reranked.flatMap(({ id }) =>
      compared(summary, id)
        .filter(({ metric, verdict }) => verdict === 'worse' && metric !== NEITHER)
        .map(
          ({ metric, a, b }) =>
            `${metric} of ${id}${summary.slice === undefined ? '' : ` on ${summary.slice}`} (${shown(a)} → ${shown(b)})`,
        ),
    ),
  );
  const size = (slice: string) => result.questions.filter(({ slices: own }) => own.includes(slice)).length;
  const kinds = unhelped.map(({ slice }) => `${slice} (${size(slice!)})`).join(', ');
  return [
    '**In plain words**, of the cascade against the same first stage without a reranker, on the same questions:',
    '',
    ...lines,
    `- Kinds of questions for which none of these was shown to get better${kinds ? `: ${kinds}` : ': none'}. Few questions show little.`,
    `- What got worse beyond chance: ${worse.length === 0 ? 'nothing that was measured' : worse.join('; ')}.`,
    '',
  ];
}

function phrase({ metric, a, b, relative, difference: { low, high }, verdict, adjustedP }: MetricComparison): string {
  const percent = (value: number) => (100 * value).toFixed(1);
  const change = relative === undefined ? '' : `${relative < 0 ? '−' : '+'}${percent(Math.abs(relative))} %, `;
  const beyond = verdict === 'no difference shown' ? `not beyond chance: p = ${shownP(adjustedP)}` : `${verdict} beyond chance`;
  const points = `${low < 0 ? '−' : '+'}${percent(Math.abs(low))} to ${high < 0 ? '−' : '+'}${percent(Math.abs(high))} points`;
  return `${inWords(metric)} ${percent(a)} → ${percent(b)} % (${change}${points}, ${beyond})`;
}

function inWords(metric: string): string {
  const place = /^gold passage@(\d+)$/.exec(metric);
  if (place) return `the right passage among the ${place[1]} that the generator reads`;
  return WORDS[metric] ?? metric;
}

const WORDS: Readonly<Record<string, string>> = {
  'hallucination rate (gold answers only)': 'answers that disagree with every gold answer',
  'hallucination rate': 'the same or not carried by the passages',
  right: 'right answers and right abstentions',
};
