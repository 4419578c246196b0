/**
 * The `data` of each event of a stream of server-sent events, wherever its bytes were split. Comments and other fields are left out.
 * What is not ended by a line break when the stream ends is given as the last `rest`: it may have been cut.
 */
export async function* sseData(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<{ readonly data: string } | { readonly rest: string }> {
  const decoder = new TextDecoder('utf-8');
  let pending = '';
  let data: string[] = [];
  for await (const piece of bytes) {
    const text = decoder.decode(piece, { stream: true });
    const wholeLine = /[\r\n]/.test(text) || pending.endsWith('\r');
    pending += text;
    if (!wholeLine) continue;
    // A lone CR at the very end may be half of CR LF.
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') data.push(...dataOf(line));
      else if (data.length > 0) {
        yield { data: data.join('\n') };
        data = [];
      }
    }
  }
  pending += decoder.decode();
  if (pending === '\r' && data.length > 0) {
    yield { data: data.join('\n') };
    data = [];
  }
  yield { rest: [...data, ...dataOf(pending.replace(/\r$/, ''))].join('\n') };
}

function dataOf(line: string): string[] {
  if (!line.startsWith('data:')) return line === 'data' ? [''] : [];
  return [line.slice(line[5] === ' ' ? 6 : 5)];
}
