import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { type Simulator, startSimulator } from './simulator/simulator.ts';
import { Folder, run } from './support/program.ts';

const ORGANIZATIONS = 60;
const SHARDS = 3;

describe('several shards of the built program, with one configuration', () => {
  let simulator: Simulator;
  let folder: Folder;
  const names = Array.from({ length: ORGANIZATIONS }, (_, index) => `organization ${index} 组织`);

  beforeEach(async () => {
    folder = new Folder();
    simulator = await startSimulator({ clock: systemClock });
    for (const index of names.keys()) {
      simulator.apps.addInternalApp({
        appKey: `ding${index}`,
        appSecret: `secret-${index}`,
        employees: 1000 + index,
        active: 900 + index,
      });
    }
  });

  afterEach(async () => {
    await simulator.close();
    folder.remove();
  });

  /** The names and headcounts that the shard prints. */
  async function shown(shard: string | undefined): Promise<ReadonlyMap<string, number>> {
    const { code, stdout, stderr } = await run([
      `--config.file=${configurationFile()}`,
      '--once',
      '--log.level=error',
      ...(shard === undefined ? [] : [`--shard=${shard}`]),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.matchAll(/^dingtalk_employees\{organization="(.*)"\} (\d+)$/gmu);
    return new Map(Array.from(lines, ([, name = '', count]) => [name, Number(count)]));
  }

  function configurationFile(): string {
    const lines = names.map(
      (name, index) => `  - {name: "${name}", client_id: ding${index}, client_secret: secret-${index}}`,
    );
    return folder.write(
      'exporter.yml',
      `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}
poll: {rate_limit: 10000}
organizations:
${lines.join('\n')}
`,
    );
  }

  it('poll each organization exactly once, with as many requests as one process', async () => {
    const everything = await shown(undefined);
    expect(everything).toEqual(new Map(names.map((name, index) => [name, 1000 + index])));
    const callsOfOne = simulator.requests.count();
    simulator.requests.forget();

    const parts: ReadonlyMap<string, number>[] = [];
    for (let index = 0; index < SHARDS; index += 1) parts.push(await shown(`${index}/${SHARDS}`));
    for (const part of parts) expect(part.size).toBeGreaterThan(0);
    const together = parts.flatMap((part) => [...part]);
    expect(together).toHaveLength(ORGANIZATIONS);
    expect(new Map(together)).toEqual(everything);
    expect(simulator.requests.count()).toBe(callsOfOne);
  });
});
