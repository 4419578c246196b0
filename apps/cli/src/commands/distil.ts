import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { untilInterrupted } from '../interrupt.ts';
import { openTeacher } from '../teacher.ts';
import { print, progressLine } from '../terminal.ts';
import { findTraining, trainStudent } from '../training.ts';
import { wholeNumber } from './search.ts';

interface DistilOptions {
  readonly queries: string;
  readonly corpus: string;
  readonly out: string;
  readonly teacher: string;
  readonly candidates: number;
  readonly student: 'late-interaction' | 'cross-encoder';
  readonly loss: 'ranknet' | 'listnet';
  readonly layers: number;
  readonly steps: number;
  readonly test?: string;
  readonly json: boolean;
}

/** `resift distil`: a teacher's rankings of one's own queries and documents, and a small model that learned them. Stopped at any point, it goes on where it was. */
export function distilCommand(): Command {
  return new Command('distil')
    .description('Teach a small reranker on your own queries and documents. Kept in --out: rankings.jsonl, lists.jsonl, student.onnx.')
    .requiredOption('-q, --queries <file>', 'queries: one a line, or JSONL')
    .requiredOption('-c, --corpus <path>', 'documents: a BEIR folder, or JSONL with id, text, title')
    .option('-o, --out <folder>', 'where everything is kept', 'resift-distil')
    .option('-t, --teacher <name>', 'mini, tiny, cascade, chat (RESIFT_CHAT_*), or cohere:MODEL, jina:…, voyage:…, compatible:…', 'mini')
    .option('--candidates <number>', 'how many the teacher ranks for a query', wholeNumber, 30)
    .addOption(new Option('--student <kind>', 'what learns').choices(['late-interaction', 'cross-encoder']).default('late-interaction'))
    .addOption(new Option('--loss <name>', 'listnet needs a teacher with scores').choices(['ranknet', 'listnet']).default('ranknet'))
    .option('--layers <number>', 'of the student, 1 to 6', wholeNumber, 3)
    .option('--steps <number>', 'of the training', wholeNumber, 300)
    .option('--test <folder>', 'a BEIR folder with judgements: BM25, teacher and student are compared on it')
    .option('--json', 'print JSON', false)
    .action((options: DistilOptions) => untilInterrupted((signal) => distil(options, signal)));
}

async function distil(options: DistilOptions, signal: AbortSignal): Promise<void> {
  const rankings = await rank(options, signal);
  const training = findTraining();
  const lists = join(options.out, 'lists.jsonl');
  const wanted = { lists, out: options.out, student: options.student, loss: options.loss, layers: options.layers, steps: options.steps };
  if ('missing' in training) {
    const next = `${training.missing} Then: ${training.command(wanted)}`;
    print({ rankings, lists, next }, { json: options.json, text: () => `${rankings} rankings are in ${options.out}. ${next}` });
    return;
  }
  await trainStudent(training, wanted, signal);
  if (!options.test) {
    const student = join(options.out, 'student.onnx');
    print({ rankings, lists, student }, { json: options.json, text: () => `Trained: ${student}. Compare it with --test FOLDER.` });
    return;
  }
  await compare(options, options.test, signal);
}

async function rank({ queries: from, corpus, out, teacher: name, candidates }: DistilOptions, signal: AbortSignal): Promise<number> {
  const [{ readDocuments, readQueries }, { openRankings }, { collectRankings }, { trainingLists }, { bm25 }] = await Promise.all([
    import('resift/distillation/distil-input'),
    import('resift/distillation/rankings-file'),
    import('resift/distillation/collect-rankings'),
    import('resift/distillation/training-lists'),
    import('@resift/retrieval/bm25'),
  ]);
  const queries = await readQueries(from);
  const documents = await readDocuments(corpus);
  await mkdir(out, { recursive: true });
  const fingerprint = createHash('sha256').update(JSON.stringify(documents)).digest('hex').slice(0, 16);
  const retriever = bm25(documents);
  const teacher = await openTeacher(name);
  const line = progressLine();
  const origin = { teacher: teacher.reranker.id, retriever: retriever.id, candidates, fingerprint };
  try {
    const file = openRankings(join(out, 'rankings.jsonl'), origin);
    try {
      const onProgress = (done: number, all: number) => line.show(`${done} of ${all} queries ranked by ${teacher.reranker.id}`);
      await collectRankings({ queries, retriever, teacher: teacher.reranker, candidates, file, signal, onProgress });
      const asked = new Set(queries.map(({ id }) => id));
      const rankings = file.rankings.filter(({ query }) => asked.has(query));
      const lists = trainingLists(rankings, documents);
      await writeFile(join(out, 'lists.jsonl'), lists.map((list) => `${JSON.stringify(list)}\n`).join(''));
      return rankings.length;
    } finally {
      file.close();
    }
  } finally {
    line.clear();
    await teacher.close();
  }
}

async function compare({ out, teacher: name, candidates, json }: DistilOptions, test: string, signal: AbortSignal): Promise<void> {
  const [{ readTest }, { openStudent }, { compareRerankers, comparisonTable }] = await Promise.all([
    import('resift/distillation/distil-input'),
    import('resift/distillation/student'),
    import('resift/distillation/compare-rerankers'),
  ]);
  const line = progressLine();
  const opened = await Promise.all([openTeacher(name), openStudent(out, { state: 'initial' }), openStudent(out)]);
  const [teacher, initial, student] = opened;
  try {
    const compared = await compareRerankers(
      await readTest(test),
      { teacher: teacher.reranker, 'student before': initial, student },
      { candidates, signal, onProgress: (what, done, all) => line.show(`${what}: ${done} of ${all} queries`) },
    );
    line.clear();
    const path = join(out, 'report.json');
    await writeFile(path, JSON.stringify({ test: existsSync(test) ? test : null, candidates, compared }, null, 2));
    print(compared, { json, text: () => `${comparisonTable(compared)}\n\nWritten to ${path}` });
  } finally {
    line.clear();
    for (const each of opened) await each.close();
  }
}
