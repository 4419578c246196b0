import type { CommandNode, OptionNode } from './command-tree.ts';

/** A fish completion for `resift`; save it as ~/.config/fish/completions/resift.fish. */
export function fishCompletion(tree: readonly CommandNode[]): string {
  return `# fish completion of resift. Keep it with: resift completion fish > ~/.config/fish/completions/resift.fish
function __resift_at
  # True where the words so far, options left out, begin with these and name no deeper command.
  set -l words (string match -v -- '-*' (commandline -opc))[2..]
  set -l wanted (string split ' ' -- "$argv[1]")
  test -z "$argv[1]"; and set wanted
  test (count $words) -ge (count $wanted); or return 1
  for i in (seq (count $wanted))
    test "$words[$i]" = "$wanted[$i]"; or return 1
  end
  set -l next (math (count $wanted) + 1)
  not contains -- "$words[$next]" (string split ' ' -- "$argv[2]")
end
complete -c resift -f
${tree.flatMap(lines).join('\n')}
`;
}

function lines({ path, commands, options, words, files }: CommandNode): string[] {
  const deeper = commands.map(({ name }) => name).join(' ');
  const at = `-n '__resift_at "${path.join(' ')}" "${deeper || '-'}"'`;
  return [
    ...commands.map(({ name, description }) => `complete -c resift ${at} -a ${name} -d '${description}'`),
    ...(words.length > 0 ? [`complete -c resift ${at} -a '${words.join(' ')}'`] : []),
    ...(files ? [`complete -c resift ${at} -F`] : []),
    ...options.map((option) => `complete -c resift ${at} ${flagsOf(option)} -d '${option.description}'`),
  ];
}

function flagsOf({ flags, takes, choices }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
  const value = takes === 'nothing' ? '' : takes === 'file' ? ' -r -F' : choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ' -x';
  return `${names}${value}`;
}
