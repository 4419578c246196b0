import { expect, it } from 'vitest';
import { killRounds } from './kill-rounds.ts';

const SEED = 20261121;

it('F1: what was acknowledged survives kill -9, whole and in every leg (20 rounds)', async () => {
  const { acknowledged, lost, torn } = await killRounds(20, SEED);
  expect({ lost, torn }).toEqual({ lost: [], torn: [] });
  expect(acknowledged).toBeGreaterThan(100);
}, 600_000);

it('F1 has teeth: acknowledging before the commit is found out', async () => {
  const { lost } = await killRounds(4, SEED, 'ack-early');
  expect(lost.length).toBeGreaterThan(0);
}, 300_000);
