import { ResiftError } from '@resift/core';
import type { PairFrame } from '../pair-tokenizer.ts';
import type { Component } from './text-normalizers.ts';

/** Reads from `post_processor` of tokenizer.json which special tokens stand around a pair of texts. */
export function pairFrame(config: Component | null | undefined, pad: number): PairFrame {
  const processor = templateOf(config);
  switch (processor?.type) {
    case 'TemplateProcessing':
      return ofTemplate(processor, pad);
    case 'BertProcessing': {
      const [[, sep], [, cls]] = [processor['sep'], processor['cls']] as [[string, number], [string, number]];
      return { before: [cls], between: [sep], after: [sep], secondType: 1, pad };
    }
    case 'RobertaProcessing': {
      const [[, sep], [, cls]] = [processor['sep'], processor['cls']] as [[string, number], [string, number]];
      return { before: [cls], between: [sep, sep], after: [sep], secondType: 0, pad };
    }
    default:
      throw unknownFrame();
  }
}

function templateOf(config: Component | null | undefined): Component | undefined {
  if (config?.type !== 'Sequence') return config ?? undefined;
  return (config['processors'] as Component[]).find(({ type }) => type !== 'ByteLevel');
}

type TemplatePart = { readonly [kind in 'SpecialToken' | 'Sequence']?: { readonly id: string; readonly type_id: number } };

function ofTemplate(processor: Component, pad: number): PairFrame {
  const specials = processor['special_tokens'] as Record<string, { ids: number[] } | undefined>;
  const segments: number[][] = [[]];
  const types: number[] = [];
  let second = 0;
  for (const part of processor['pair'] as TemplatePart[]) {
    const { id, type_id } = part.SpecialToken ?? part.Sequence!;
    if (part.Sequence) {
      if (id !== (segments.length === 1 ? 'A' : 'B')) throw unknownFrame();
      if (id === 'B') second = type_id;
      segments.push([]);
    } else segments.at(-1)!.push(...(specials[id]?.ids ?? []));
    types.push(type_id);
    if (type_id !== (segments.length === 3 ? second : 0)) throw unknownFrame();
  }
  const [before, between, after] = segments;
  if (!before || !between || !after) throw unknownFrame();
  return { before, between, after, secondType: second, pad };
}

const unknownFrame = () =>
  new ResiftError(
    'invalid_config',
    'The post_processor of this tokenizer.json does not say how a pair of texts is written: expected first text, then second, between special tokens.',
  );
