import type { CommandNode, OptionNode } from './command-tree.ts';

/** A zsh completion for `resift`; source it after compinit, or save it as `_resift` in a folder of $fpath. */
export function zshCompletion(tree: readonly CommandNode[]): string {
  return `#compdef resift
# zsh completion of resift. Load it with: source <(resift completion zsh)
${tree.map(commandFunction).join('\n')}
if [ "$funcstack[1]" = "_resift" ]; then _resift "$@"; else compdef _resift resift; fi
`;
}

const nameOf = (path: readonly string[]) => ['_resift', ...path].join('_').replaceAll('-', '_');

function commandFunction(node: CommandNode): string {
  const { path, commands } = node;
  const options = node.options.flatMap(specs);
  if (commands.length === 0) {
    const rest = node.words.length > 0 ? `'1:word:(${node.words.join(' ')})'` : node.files ? "'*:file:_files'" : "'*:text:'";
    return `${nameOf(path)}() {\n  _arguments -s ${[...options, rest].join(' \\\n    ')}\n}`;
  }
  const known = commands.map(({ name, description }) => `'${name}:${description}'`).join('\n      ');
  const cases = commands.map(({ name }) => `        ${name}) ${nameOf([...path, name])} ;;`).join('\n');
  return `${nameOf(path)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${[...options, "'1:command:->command'", "'*::argument:->argument'"].join(' \\\n    ')}
  case $state in
    command)
      local -a known=(
      ${known}
      )
      _describe command known ;;
    argument)
      case $line[1] in
${cases}
      esac ;;
  esac
}`;
}

function specs({ flags, description, takes, choices }: OptionNode): string[] {
  const value =
    takes === 'nothing' ? '' : takes === 'file' ? ':file:_files' : `:value:${choices.length > 0 ? `(${choices.join(' ')})` : ''}`;
  return flags.map((flag) => `'${flag}[${description}]${value}'`);
}
