import { listSettings } from '../../apps/api/src/config.ts';
import { createMetrics } from '../../apps/api/src/metrics.ts';
import { commandTree } from '../../apps/cli/src/completion/command-tree.ts';
import { createProgram } from '../../apps/cli/src/program.ts';
import { markdownTable } from './region.ts';

/** Every variable of the server's environment, from its schema. */
export function settingsTable(): string {
  return markdownTable(
    ['variable', 'default', 'what it may be', 'meaning'],
    listSettings().map(({ name, default: preset, values, range, description }) => [
      `\`${name}\``,
      preset === undefined ? '–' : `\`${preset}\``,
      values ? values.map((value) => `\`${value}\``).join(', ') : range ? `${range[0]} to ${range[1].toLocaleString('en')}` : 'text',
      description,
    ]),
  );
}

/** Everything that `/metrics` shows. */
export async function metricsTable(): Promise<string> {
  const metrics = createMetrics(new Proxy({} as Parameters<typeof createMetrics>[0], { get: () => () => 0 }));
  try {
    const known = await metrics.registry.getMetricsAsJSON();
    const labels = (name: string) => (metrics.registry.getSingleMetric(name) as unknown as { labelNames?: string[] }).labelNames ?? [];
    return markdownTable(
      ['metric', 'type', 'labels', 'meaning'],
      known.map(({ name, type, help }) => [
        `\`${name}\``,
        String(type),
        labels(name)
          .map((label) => `\`${label}\``)
          .join(', '),
        help,
      ]),
    );
  } finally {
    metrics.close();
  }
}

/** Every command with its options, from the definitions that the program itself runs. */
export function commandReference(): string {
  const program = createProgram('');
  const nodes = commandTree(program).filter(({ path, commands }) => path.length > 0 && commands.length === 0);
  return nodes
    .map(({ path }) => {
      const command = path.reduce((parent, name) => parent.commands.find((child) => child.name() === name)!, program);
      const rows = command.options.map(({ flags, description, defaultValue, argChoices }) => [
        `\`${flags}\``,
        [
          description,
          argChoices && `(${argChoices.join(', ')})`,
          defaultValue !== undefined && defaultValue !== false && typeof defaultValue !== 'boolean' && `(default: ${defaultValue})`,
        ]
          .filter(Boolean)
          .join(' '),
      ]);
      const usage = `\`\`\`sh\nresift ${path.join(' ')} ${command.usage()}\n\`\`\``;
      return [
        `## resift ${path.join(' ')}`,
        command.description(),
        usage,
        ...(rows.length > 0 ? [markdownTable(['option', 'meaning'], rows)] : []),
      ].join('\n\n');
    })
    .join('\n\n');
}
