import { cpus, loadavg, totalmem } from 'node:os';
import { generator } from './load.ts';
import type { Result } from './result.ts';

/** One run, as it is kept in a file. */
export interface Report {
  readonly at: string;
  readonly machine: {
    readonly processors: number;
    readonly model: string;
    readonly memory: string;
    readonly node: string;
    readonly platform: string;
    /** Load average of the minute before the run: whatever is above 0 took part in it. */
    readonly load: number;
  };
  readonly generator: string;
  readonly rounds: number;
  readonly results: readonly Result[];
}

export function machineOfThisRun(): Report['machine'] {
  const processors = cpus();
  return {
    processors: processors.length,
    model: processors[0]?.model ?? 'unknown',
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0] ?? 0,
  };
}

export function describeRun({ at, machine, rounds }: Report): string {
  return (
    `${at}, ${machine.processors} x ${machine.model}, ${machine.memory}, ${machine.platform}, ` +
    `Node.js ${machine.node}, load generator: ${generator}, ${rounds} rounds, ` +
    `load average at the start: ${machine.load.toFixed(2)}`
  );
}
