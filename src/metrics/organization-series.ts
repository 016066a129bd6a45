import { TextPiece } from '../pieces/text-piece.ts';
import type { OrganizationState } from '../polling/organization-state.ts';
import { ORGANIZATION_FAMILIES, type OrganizationFamily } from './organization-families.ts';

/**
 * How many organizations share a piece of text. A poll that ends renders one piece anew: small enough to cost
 * little, large enough that 10,000 organizations are few pieces to put together.
 */
const ORGANIZATIONS_IN_A_BLOCK = 128;

interface Block {
  /** In the order in which they came. */
  readonly states: Map<string, OrganizationState>;
  /** The lines of each family, of before the last change where the block is one of the changed. */
  pieces: readonly TextPiece[];
}

/**
 * The series by organization, as text. prom-client renders every series at every scrape; here the text of a
 * block of organizations changes when what is known of one of them changes, and a scrape copies bytes. The text
 * is prom-client's own to the byte.
 */
export class OrganizationSeries {
  readonly #blocks: Block[] = [];
  readonly #blockOf = new Map<string, Block>();
  readonly #changed = new Set<Block>();
  #renderingAhead = false;

  /** Takes what is now known of an organization. */
  update(state: OrganizationState): void {
    const block = this.#blockOf.get(state.name) ?? this.#blockWithRoom();
    this.#blockOf.set(state.name, block);
    block.states.set(state.name, state);
    this.#change(block);
  }

  /** Takes an organization's series out. */
  remove(name: string): void {
    const block = this.#blockOf.get(name);
    if (block === undefined) return;
    this.#blockOf.delete(name);
    block.states.delete(name);
    this.#change(block);
    if (block.states.size > 0) return;
    this.#blocks.splice(this.#blocks.indexOf(block), 1);
    this.#changed.delete(block);
  }

  /** The pieces of the exposition, in order. Each family ends with an empty line. */
  pieces(): readonly TextPiece[] {
    for (const block of this.#changed) block.pieces = renderBlock(block);
    this.#changed.clear();
    const pieces: TextPiece[] = [];
    for (const [index, head] of HEADS.entries()) {
      pieces.push(head);
      for (const block of this.#blocks) {
        const piece = block.pieces[index];
        if (piece !== undefined) pieces.push(piece);
      }
      pieces.push(NEW_LINE);
    }
    return pieces;
  }

  #change(block: Block): void {
    this.#changed.add(block);
    if (this.#renderingAhead) return;
    this.#renderingAhead = true;
    setImmediate(() => this.#renderAhead());
  }

  /** One block in a turn of the event loop, so that a scrape after many polls finds little left to render at once. */
  #renderAhead(): void {
    const [block] = this.#changed;
    if (block !== undefined) {
      const before = block.pieces;
      block.pieces = renderBlock(block);
      this.#changed.delete(block);
      // Whoever wants them compressed will want the new ones so too.
      for (const [index, piece] of block.pieces.entries())
        if (before[index]?.isCompressed) piece.compressed();
    }
    this.#renderingAhead = this.#changed.size > 0;
    if (this.#renderingAhead) setImmediate(() => this.#renderAhead());
  }

  #blockWithRoom(): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.states.size < ORGANIZATIONS_IN_A_BLOCK) return last;
    const block: Block = { states: new Map(), pieces: [] };
    this.#blocks.push(block);
    return block;
  }
}

const NEW_LINE = new TextPiece('\n');

const HEADS = ORGANIZATION_FAMILIES.map(
  ({ name, help, type }) => new TextPiece(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`),
);

function renderBlock({ states }: Block): readonly TextPiece[] {
  const labelled = Array.from(states.values(), (state) => ({
    state,
    label: `organization="${escapeLabelValue(state.name)}"`,
  }));
  return ORGANIZATION_FAMILIES.map((family) => {
    let text = '';
    for (const { state, label } of labelled) text += renderSamples(family, state, label);
    return new TextPiece(text);
  });
}

function renderSamples(family: OrganizationFamily, state: OrganizationState, label: string): string {
  let text = '';
  for (const { labels, value } of family.samples(state)) {
    let all = label;
    for (const name of family.labelNames) all += `,${name}="${escapeLabelValue(labels?.[name] ?? '')}"`;
    text += `${family.name}{${all}} ${value}\n`;
  }
  return text;
}

/** Source: the text exposition format 0.0.4: backslash, new line and double quote. */
function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
