import type { Provenance } from '@resift/eval/experiment/provenance';
import { chatJudge } from '@resift/eval/judge/chat';
import { groundednessJudge } from '@resift/eval/judge/groundedness';
import type { Judge } from '@resift/eval/judge/judge';
import { type JudgeQuality, judgeQuality } from '@resift/eval/judge/judge-quality';
import { lexicalJudge } from '@resift/eval/judge/lexical';
import { remembered } from '@resift/eval/judge/remembered';
import { shown } from '@resift/eval/report/summary';
import { groundedRows } from '../datasets/grounded-sets.ts';
import { chatFromEnvironment } from '../src/chat-from-environment.ts';
import type { Workbench } from '../src/workbench.ts';

export interface JudgeReport {
  readonly judge: string;
  readonly quality: readonly JudgeQuality[];
}

/** Drawn with a fixed seed: enough for an AUROC within about 0.03, few enough for minutes. */
const ROWS_OF_A_SET = 250;

/** Every judge against the human labels of `grounded/` (evaluation rows): the lexical baseline, the embedded model, and a chat model where the environment names one. */
export async function judgesExperiment(
  bench: Workbench,
  { most = ROWS_OF_A_SET }: { readonly most?: number | undefined } = {},
): Promise<JudgeReport[]> {
  const rows = await groundedRows(bench.data, { most });
  const chat = chatFromEnvironment();
  const judges: Judge[] = [
    lexicalJudge(),
    remembered(groundednessJudge(await bench.models.groundedness()), bench.kept),
    ...(chat ? [chatJudge(chat)] : []),
  ];
  const reports: JudgeReport[] = [];
  for (const judge of judges) {
    const { quality } = await judgeQuality(judge, rows, {
      signal: bench.signal,
      onProgress: (done, of) => bench.progress.show(`${judge.id}: ${done} of ${of} claims`),
    });
    bench.progress.done();
    reports.push({ judge: judge.id, quality });
  }
  return reports;
}

/** The quality of judges as Markdown, one table per judge. */
export function judgesMarkdown(reports: readonly JudgeReport[], { machine, commit }: Provenance): string {
  const row = ({ set, claims, supportedShare, auroc, balancedAccuracy, sensitivity, specificity, calibrationError, brier }: JudgeQuality) =>
    `| ${set} | ${claims} | ${shown(supportedShare)} | ${shown(auroc)} | ${shown(balancedAccuracy)} | ${shown(sensitivity)} | ${shown(specificity)} | ${shown(calibrationError ?? Number.NaN)} | ${shown(brier ?? Number.NaN)} |`;
  const tables = reports.flatMap(({ judge, quality }) => [
    `### ${judge}`,
    '',
    '| set | claims | supported | AUROC | balanced accuracy | sensitivity | specificity | ECE | Brier |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...quality.map(row),
    '',
  ]);
  return [
    '## Judges of groundedness against human labels',
    '',
    `Evaluation rows of \`grounded/\`, at most so many of a set as the table says, drawn with a fixed seed. Sensitivity: share of supported claims called supported; specificity: of unsupported ones called unsupported; at each judge's own threshold. ${machine.cpu}, Node ${machine.node}, commit ${commit.slice(0, 12)}.`,
    '',
    ...tables,
  ].join('\n');
}
