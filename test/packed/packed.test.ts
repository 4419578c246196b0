import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmptyProject, libraryProject, packAll } from './project.ts';

const DOCUMENTS = `[
  'Bananas are rich in potassium.',
  'Berlin is the capital of Germany.',
  'Paris is the capital of France.',
]`;

const projects: EmptyProject[] = [];
const newProject = async () => {
  const project = await libraryProject();
  projects.push(project);
  return project;
};
afterAll(() => {
  for (const project of projects) project.remove();
});

describe('a stranger installs the tarballs into an empty project', () => {
  it('reranks in plain JavaScript, by import and by require, and the script ends by itself', async () => {
    const project = await newProject();
    project.write(
      'plain.mjs',
      `import { localReranker } from 'resift';
       const reranker = await localReranker();
       const documents = ${DOCUMENTS}.map((text, i) => ({ id: String(i), text }));
       const { items, status } = await reranker.rerank('What is the capital of France?', documents);
       console.log(JSON.stringify({ best: items[0].document.text, score: items[0].score, status: status.status }));`,
    );
    const { stdout, stderr, code } = await project.run('node', ['plain.mjs']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { best, score, status } = JSON.parse(stdout);
    expect(best).toBe('Paris is the capital of France.');
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(status).toBe('applied');

    // Fails with ERR_REQUIRE_ASYNC_MODULE as soon as one module has a top-level await.
    project.write(
      'plain.cjs',
      `const { localReranker } = require('resift');
       for (const name of ['ai-sdk', 'llamaindex', 'mastra', 'cascade', 'listwise']) require('@resift/reranker/' + name);
       localReranker().then(async (reranker) => {
         const { items } = await reranker.rerank('What is the capital of France?', ${DOCUMENTS}.map((text, i) => ({ id: String(i), text })));
         console.log(items[0].document.text);
       });`,
    );
    const required = await project.run('node', ['--disable-warning=ExperimentalWarning', 'plain.cjs']);
    expect(required).toEqual({ code: 0, stdout: 'Paris is the capital of France.\n', stderr: '' });
  });
});

describe('a stranger installs the command', () => {
  let project: EmptyProject;
  beforeAll(async () => {
    project = await newProject();
    const tarballs = await packAll();
    await project.install(...tarballs('resift-api', 'resift-cli'));
  });

  it('is a command that ranks a pipe', async () => {
    const input = ['Bananas are rich in potassium.', 'Berlin is the capital of Germany.', 'Paris is the capital of France.'].join('\n');
    const ranked = await project.run('npx', ['resift', 'rerank', 'capital of France', '--json'], { input });
    expect(ranked.stderr).toBe('');
    expect(JSON.parse(ranked.stdout.split('\n')[0]!)).toMatchObject({ text: 'Paris is the capital of France.', index: 2, rank: 1 });

    const help = await project.run('npx', ['resift', 'ask', '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('--collection');
  });

  it('ingests a file and answers from it', async () => {
    project.write(
      'bridge.md',
      '# The Øresund Bridge\n\nThe Øresund Bridge links Copenhagen with Malmö. It was opened to traffic on 1 July 2000.\n',
    );
    project.write('bread.txt', 'A sourdough starter needs flour, water and patience. Feed it every day for a week.');
    const ingested = await project.run('npx', ['resift', 'ingest', 'bridge.md', 'bread.txt', '--json']);
    expect(ingested.stderr).toBe('');
    expect(JSON.parse(ingested.stdout)).toMatchObject([{ documents: 1 }, { documents: 1 }]);

    const asked = await project.run('npx', ['resift', 'ask', 'When was the Øresund Bridge opened to traffic?', '--json']);
    const { answer, citations } = JSON.parse(asked.stdout);
    expect(answer).toContain('2000');
    expect(citations[0].quote).toContain('2000');
  });
});
