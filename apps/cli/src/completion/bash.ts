import type { CommandNode } from './command-tree.ts';

/** A bash completion for `resift`; source it, or put it into /etc/bash_completion.d. */
export function bashCompletion(tree: readonly CommandNode[]): string {
  return `# bash completion of resift. Load it with: source <(resift completion bash)
_resift() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
${tree
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      "${['', ...path].join(' ')}") path="${['', ...path].join(' ')}" ;;`)
  .join('\n')}
    esac
  done
  COMPREPLY=()
  case "$path:$prev" in
${tree.flatMap(values).join('\n')}
  esac
  case "$path" in
${tree.map(words).join('\n')}
  esac
}
complete -o bashdefault -o default -F _resift resift
`;
}

const key = (path: readonly string[]) => ['', ...path].join(' ').trimEnd();

function values({ path, options }: CommandNode): string[] {
  return options
    .filter(({ takes }) => takes !== 'nothing')
    .map(({ flags, takes, choices }) => {
      const patterns = flags.map((flag) => `"${key(path)}:${flag}"`).join('|');
      // Nothing in COMPREPLY: bash falls back to file names, which is right for a file and harmless for a word.
      const reply =
        takes === 'word'
          ? `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$cur")); compopt +o default +o bashdefault 2>/dev/null; `
          : '';
      return `    ${patterns}) ${reply}return ;;`;
    });
}

function words({ path, commands, options, words: known, files }: CommandNode): string {
  const flags = options.flatMap((option) => option.flags.filter((flag) => flag.startsWith('--')));
  const first = [...commands.map(({ name }) => name), ...known];
  const noFiles = files ? '' : ' compopt +o default +o bashdefault 2>/dev/null;';
  const plainWords = first.length > 0 ? `COMPREPLY=($(compgen -W "${first.join(' ')}" -- "$cur"));${noFiles}` : `COMPREPLY=();${noFiles}`;
  return `    "${key(path)}") if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "${flags.join(' ')}" -- "$cur")); else ${plainWords} fi ;;`;
}
