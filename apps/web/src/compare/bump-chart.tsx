import { type ReactNode, useState } from 'react';
import { factsOf } from '../ask/source-dialog.tsx';
import type { Passage } from '../session/api-shapes.ts';
import { bumpLayout, type Way } from './bump-layout.ts';

const ROW = 30;
const TOP = 34;
const LEFT = 214;
const RIGHT = 426;
const WIDTH = 640;
const MOST_LETTERS = 27;

/** Each passage's way from its first-stage rank (left) to its final rank (right). Hover or focus one to see its score. */
export function BumpChart({ results }: { results: readonly Passage[] }): ReactNode {
  const [active, setActive] = useState<string>();
  const { ways, rows } = bumpLayout(results);
  const chosen = ways.find(({ passage }) => passage.id === active);
  // The chosen line lies on top.
  const drawn = chosen ? [...ways.filter((way) => way !== chosen), chosen] : ways;

  return (
    <figure className="bump">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, so the keyboard must reach it */}
      <section className="scroll" aria-label="Rank chart" tabIndex={0}>
        {/* biome-ignore lint/a11y/useSemanticElements: the lines are items of one picture */}
        <svg viewBox={`0 0 ${WIDTH} ${TOP + rows * ROW}`} role="group" aria-label="From first-stage rank to final rank">
          <text x={LEFT} y={16} textAnchor="end" className="head">
            First stage
          </text>
          <text x={RIGHT} y={16} className="head">
            Reranked
          </text>
          {drawn.map((way) => (
            <Line
              key={way.passage.id}
              way={way}
              chosen={chosen && way === chosen}
              dim={chosen !== undefined && way !== chosen}
              onActive={setActive}
            />
          ))}
        </svg>
      </section>
      <figcaption aria-hidden="true">
        {chosen ? (
          <>
            <b>{titleOf(chosen.passage)}</b> {wayOf(chosen)} · {factsOf(chosen.passage)}
          </>
        ) : (
          'Point at a line to see its score, scale and label.'
        )}
      </figcaption>
    </figure>
  );
}

interface LineProps {
  readonly way: Way;
  readonly chosen: boolean | undefined;
  readonly dim: boolean;
  readonly onActive: (id: string | undefined) => void;
}

function Line({ way, chosen, dim, onActive }: LineProps): ReactNode {
  const { passage, fromRow, toRow, finalRank, gained } = way;
  const y = (row: number) => TOP + row * ROW + ROW / 2;
  const middle = (LEFT + RIGHT) / 2;
  const direction = gained > 0 ? 'up' : gained < 0 ? 'down' : 'same';
  const name = short(titleOf(passage));
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: focus shows what hovering shows
    <g
      tabIndex={0}
      role="img"
      aria-label={`${titleOf(passage)}: ${wayOf(way)}, ${factsOf(passage)}`}
      className={`way ${direction}${chosen ? ' chosen' : ''}${dim ? ' dim' : ''}`}
      onMouseEnter={() => onActive(passage.id)}
      onMouseLeave={() => onActive(undefined)}
      onFocus={() => onActive(passage.id)}
      onBlur={() => onActive(undefined)}
    >
      <path className="reach" d={curve(y(fromRow), y(toRow), middle)} />
      <path className="line" d={curve(y(fromRow), y(toRow), middle)} />
      <circle cx={LEFT + 10} cy={y(fromRow)} r={4.5} />
      <circle cx={RIGHT - 10} cy={y(toRow)} r={4.5} />
      <text x={LEFT - 4} y={y(fromRow) + 4} textAnchor="end">
        {name} <tspan className="rank">{passage.first_stage.rank}</tspan>
      </text>
      <text x={RIGHT + 4} y={y(toRow) + 4}>
        <tspan className="rank">{finalRank}</tspan> {name}
      </text>
    </g>
  );
}

const curve = (from: number, to: number, middle: number) => `M${LEFT + 10} ${from}C${middle} ${from} ${middle} ${to} ${RIGHT - 10} ${to}`;
const titleOf = ({ title, document_id: id }: Passage) => title ?? id;
const short = (text: string) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text);
const wayOf = ({ passage, finalRank }: Way) => `from ${passage.first_stage.rank} to ${finalRank}`;
