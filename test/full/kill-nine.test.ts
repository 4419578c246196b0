import { expect, it } from 'vitest';
import { killRounds } from '../faults/kill-rounds.ts';

it('F1: what was acknowledged survives kill -9, whole and in every leg (200 rounds)', async () => {
  const { acknowledged, lost, torn, slowestOpenMs } = await killRounds(200, 7);
  expect({ lost, torn }).toEqual({ lost: [], torn: [] });
  expect(acknowledged).toBeGreaterThan(1_000);
  console.log(`F1, 200 rounds: ${acknowledged} documents acknowledged, slowest start ${Math.round(slowestOpenMs)} ms.`);
}, 1_800_000);
