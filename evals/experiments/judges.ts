import { chatJudge } from '@resift/eval/judge/chat';
import { groundednessJudge } from '@resift/eval/judge/groundedness';
import type { Judge } from '@resift/eval/judge/judge';
import { type JudgeQuality, judgeQuality } from '@resift/eval/judge/judge-quality';
import { lexicalJudge } from '@resift/eval/judge/lexical';
import { shown } from '@resift/eval/report/summary';
import { groundedRows } from '../datasets/grounded-sets.ts';
import { chatFromEnvironment } from '../src/chat-from-environment.ts';
import type { Workbench } from '../src/workbench.ts';

export interface JudgeReport {
  readonly judge: string;
  readonly quality: readonly JudgeQuality[];
}

/** Every judge against the human labels of `grounded/` (evaluation rows): the lexical baseline, the embedded model, and a chat model where the environment names one. */
export async function judgesExperiment(bench: Workbench, { most }: { readonly most?: number | undefined } = {}): Promise<JudgeReport[]> {
  const rows = await groundedRows(bench.data, { most });
  const chat = chatFromEnvironment();
  const judges: Judge[] = [lexicalJudge(), groundednessJudge(await bench.models.groundedness()), ...(chat ? [chatJudge(chat)] : [])];
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
export function judgesMarkdown(reports: readonly JudgeReport[]): string {
  const row = ({ set, claims, supportedShare, auroc, balancedAccuracy, sensitivity, specificity, calibrationError, brier }: JudgeQuality) =>
    `| ${set} | ${claims} | ${shown(supportedShare)} | ${shown(auroc)} | ${shown(balancedAccuracy)} | ${shown(sensitivity)} | ${shown(specificity)} | ${shown(calibrationError ?? Number.NaN)} | ${shown(brier ?? Number.NaN)} |`;
  return reports
    .map(({ judge, quality }) =>
      [
        `### ${judge}`,
        '',
        '| set | claims | supported | AUROC | balanced accuracy | sensitivity | specificity | ECE | Brier |',
        '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
        ...quality.map(row),
        '',
      ].join('\n'),
    )
    .join('\n');
}
