import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { formatFault, type Path } from './fault.ts';

const BROKEN_ALIAS =
  'broken YAML: a value that begins with * refers to an anchor that is not there: put it in quotes';

/**
 * Turns nodes into plain values, and remembers where they stand. The library can do so too, and can tell keys that
 * stand twice, but takes time with the square of the number of aliases and keys: seconds for 10,000 organizations.
 */
export class Converter {
  readonly faults: { readonly node: unknown; readonly message: string }[] = [];
  hasBrokenAlias = false;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  readonly #values = new Map<Node, unknown>();
  readonly #open = new Set<Node>();
  readonly #entries = new Map<YAMLMap, Map<string, { readonly key: unknown; readonly value: unknown }>>();

  convert(node: unknown, path: Path): unknown {
    if (isAlias(node)) return this.#follow(node);
    if (!(isScalar(node) || isMap(node) || isSeq(node))) return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#keep(node, node.value);
    this.#open.add(node);
    const value = isMap(node)
      ? this.#convertMap(node, path)
      : node.items.map((item, index) => this.convert(item, [...path, index]));
    this.#open.delete(node);
    return this.#keep(node, value);
  }

  /** Where a path leads, as an offset into the text. */
  offsetOf(contents: unknown, path: Path): number | undefined {
    let node = contents;
    let offset = startOf(node);
    for (const step of path) {
      if (isAlias(node)) node = this.#targets.get(node);
      if (isSeq(node) && typeof step === 'number') {
        node = node.items[step];
        offset = startOf(node) ?? offset;
      } else if (isMap(node)) {
        const entry = this.#entries.get(node)?.get(String(step));
        node = entry?.value;
        offset = startOf(entry?.key) ?? offset;
      } else return offset;
    }
    return offset;
  }

  #keep(node: Node, value: unknown): unknown {
    if (node.anchor !== undefined) this.#values.set(node, value);
    return value;
  }

  /** An alias stands for the very value of its anchor, not for a copy: many aliases of aliases stay small. */
  #follow(alias: Alias): unknown {
    const target = this.#anchors.get(alias.source);
    if (target === undefined || this.#open.has(target)) {
      this.hasBrokenAlias = true;
      this.faults.push({ node: alias, message: BROKEN_ALIAS });
      return null;
    }
    this.#targets.set(alias, target);
    return this.#values.get(target);
  }

  #convertMap(map: YAMLMap, path: Path): unknown {
    // Without a prototype, a key called __proto__ is a key like any other.
    const record: Record<string, unknown> = Object.create(null);
    const entries = new Map<string, { readonly key: unknown; readonly value: unknown }>();
    this.#entries.set(map, entries);
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        this.faults.push({
          node: key,
          message: formatFault({ path, message: 'has a key that is no plain text' }),
        });
        continue;
      }
      this.convert(key, path);
      const name = String(key.value);
      const place = [...path, name];
      if (entries.has(name)) {
        this.faults.push({
          node: key,
          message: formatFault({ path: place, message: 'is given twice: keep one of the two' }),
        });
      }
      entries.set(name, { key, value });
      record[name] = this.convert(value, place);
    }
    return record;
  }
}

/** The offset into the text at which a node begins. */
export function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
