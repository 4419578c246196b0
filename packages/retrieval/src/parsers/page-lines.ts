const BLOCKS = new Set(
  'address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const SPACED = new Set('p h1 h2 h3 h4 h5 h6 ul ol dl table pre blockquote section article figure'.split(' '));

/** Collects the lines of a page while a walk enters and leaves its elements. */
export interface PageLines {
  words(data: string): void;
  enter(name: string): void;
  leave(name: string): void;
  text(): string;
}

export function createPage(): PageLines {
  const lines: string[] = [];
  let pieces: string[] = [];
  let spaced = true; // the line is empty or ends in white space
  let preformatted = 0;
  let cells = 0;

  function add(text: string) {
    if (text === '') return;
    pieces.push(text);
    spaced = /\s$/.test(text);
  }

  function take(): string {
    const line = pieces.join('');
    pieces = [];
    spaced = true;
    return line;
  }

  function end() {
    const line = take().trim();
    if (line !== '' && !/^(?:#+|-)$/.test(line)) lines.push(line);
  }

  function gap() {
    end();
    if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
  }

  function fence() {
    const code = take().replace(/^\n+/, '').trimEnd();
    if (code !== '') lines.push('```', ...code.split('\n'), '```');
  }

  function boundary(name: string) {
    if (preformatted > 0) return;
    // A row of a table is one line, whatever its cells are made of.
    if (cells > 0 && name !== 'tr') {
      if (BLOCKS.has(name) && !spaced) add(' ');
    } else if (SPACED.has(name)) gap();
    else if (BLOCKS.has(name)) end();
  }

  return {
    words(data) {
      if (preformatted > 0) add(data);
      else {
        const text = data.replace(/\s+/g, ' ');
        add(spaced ? text.trimStart() : text);
      }
    },
    enter(name) {
      if (name === 'br') {
        if (preformatted > 0) add('\n');
        else if (cells > 0) add(' ');
        else end();
      }
      boundary(name);
      if (name === 'pre') preformatted += 1;
      if (name === 'td' || name === 'th') cells += 1;
      if (cells === 0 && /^h[1-6]$/.test(name)) add(`${'#'.repeat(Number(name[1]))} `);
      if (cells === 0 && name === 'li') add('- ');
    },
    leave(name) {
      if (name === 'pre') {
        preformatted -= 1;
        if (preformatted === 0 && cells === 0) fence();
      }
      if (name === 'td' || name === 'th') {
        cells -= 1;
        if (pieces.length > 0) add(spaced ? '| ' : ' | ');
      }
      if (name === 'tr' && cells === 0) add(take().replace(/[\s|]+$/, ''));
      boundary(name);
    },
    text() {
      end();
      return lines
        .join('\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim();
    },
  };
}
