import { provenance } from '@resift/eval/experiment/provenance';
import { lexicalJudge } from '@resift/eval/judge/lexical';
import { expect, it } from 'vitest';
import { trapsSet } from '../datasets/traps-set.ts';
import { startPlantedServer } from '../src/planted-server.ts';
import { meterExperiment, meterMarkdown } from './meter.ts';

const words = {
  count: (text: string) => text.split(/\s+/).length,
  truncate: (text: string, most: number) => text.split(/\s+/).slice(0, most).join(' '),
};

async function trapQuestions() {
  const { questions } = await trapsSet();
  return questions
    .filter(({ answers }) => answers!.length > 0)
    .map(({ id, text, answers, goldText }) => ({ id, text, answers: answers!, context: goldText!.slice(goldText!.indexOf('\n') + 1) }));
}

it('covers the share of hallucinations that a scripted generator planted, through the served pipeline', async () => {
  const readings = await meterExperiment(await trapQuestions(), { judge: lexicalJudge(), tokenizer: words });
  expect(readings.map(({ asked }) => asked)).toEqual([0, 0.1, 0.2, 0.4]);
  for (const { asked, planted, covered, rate } of readings) {
    expect(Math.abs(planted - asked)).toBeLessThan(0.12);
    expect(covered, JSON.stringify({ asked, planted, rate })).toBe(true);
    expect(rate.high - rate.low).toBeLessThan(0.4);
  }
  expect(readings[3]!.rate.low).toBeGreaterThan(0.1);
  expect(meterMarkdown(readings, 'lexical', await provenance(import.meta.dirname))).toContain('| yes |');
  expect(readings[0]!.falselyFlagged + readings[0]!.missed).toBeLessThan(1);
});

it('says that a judge which lets nothing pass measures nothing', async () => {
  const blind = {
    id: 'blind',
    judge: async (_: string, claims: readonly string[]) => ({
      verdicts: claims.map(() => ({ supported: false })),
      usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
    }),
  };
  await expect(meterExperiment(await trapQuestions(), { judge: blind, tokenizer: words })).rejects.toThrow('tells nothing');
});

it('plants the same answers for the same seed', async () => {
  const questions = await trapQuestions();
  const answers = async (seed: number) => {
    const server = await startPlantedServer(questions, { share: 0.5, seed });
    const said = await Promise.all(
      questions.slice(0, 20).map(async ({ text }) =>
        (
          await fetch(`${server.url}/chat/completions`, {
            method: 'POST',
            body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] }),
          })
        ).text(),
      ),
    );
    await server.close();
    return said;
  };
  expect(await answers(3)).toEqual(await answers(3));
  expect(await answers(3)).not.toEqual(await answers(4));
});
