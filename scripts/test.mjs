// `npm test`: everything that must be green, in one command that sets itself up. `--full` adds the long drills.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, install, root, run } from './workspace.mjs';

const full = process.argv.includes('--full');
const reports = join(root, '.artifacts', full ? 'full' : 'test');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
checkNode();
await install();
await build();

const totals = { passed: 0, failed: 0, skipped: 0 };

/** A check that is one test: it passes or it fails. */
async function check(name, command, args) {
  const started = performance.now();
  const { code, output } = await run(command, args, { quiet: true });
  totals[code === 0 ? 'passed' : 'failed'] += 1;
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (code !== 0) console.log(output.slice(-8000));
}

/** A vitest run; its own machine-readable report says how many tests there were. */
async function suite(name, args, extraEnv = {}) {
  console.log(`\n— ${name}`);
  const file = join(reports, `${name.replaceAll(' ', '-')}.json`);
  const { code } = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args], {
    extraEnv,
  });
  const report = JSON.parse(readFileSync(file, 'utf8'));
  totals.passed += report.numPassedTests;
  totals.failed +=
    report.numFailedTests +
    report.testResults.filter((result) => result.status === 'failed' && result.assertionResults.length === 0).length;
  const skipped = report.testResults.flatMap((result) =>
    result.assertionResults.filter((test) => test.status !== 'passed' && test.status !== 'failed'),
  );
  totals.skipped += skipped.length;
  for (const test of skipped) console.log(`skipped: ${test.fullName}`);
  if (code !== 0 && report.numFailedTests === 0) totals.failed += 1;
}

if (full) {
  await suite('full', ['--config', 'configs/vitest/full.ts']);
} else {
  await check('lint and format', 'biome', ['check', '.']);
  await check('types', 'tsc', ['--noEmit']);
  await check('unused files, exports and dependencies', 'knip', []);
  await suite('unit, laws, architecture', ['--exclude', 'test/{e2e,golden}/**']);
  // One at a time: these run real models against the budgets that users get.
  await suite('end to end', ['--no-file-parallelism', 'test/e2e', 'test/golden']);
  await suite('browser', ['--config', 'configs/vitest/browser.ts']);
  await suite('packed packages', ['--config', 'configs/vitest/packed.ts']);
}

const { passed, failed, skipped } = totals;
writeFileSync(join(reports, 'totals.json'), JSON.stringify(totals));
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
