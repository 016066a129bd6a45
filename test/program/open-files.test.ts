import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { Folder } from '../support/program.ts';

it('reads many secret files with few open at a time', async () => {
  const simulator = await startSimulator({ clock: systemClock });
  onTestFinished(() => simulator.close());
  const folder = new Folder();
  onTestFinished(() => folder.remove());
  simulator.apps.addInternalApp({ appKey: 'dingacme', appSecret: 'secret', employees: 12, active: 7 });
  const organizations = Array.from({ length: 300 }, (_, index) => {
    const file = folder.write(`secrets/${index}`, 'secret');
    return `  - {name: org${index}, client_id: dingacme, client_secret_file: ${file}}\n`;
  });
  const configuration = folder.write(
    'exporter.yml',
    `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}
poll: {rate_limit: 1000, concurrency: 10}
organizations:
${organizations.join('')}`,
  );
  const command = [process.execPath, 'dist/main.js', '--once', `--config.file=${configuration}`];
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -n 200 && exec "$@"', 'sh', ...command], {
    env: { PATH: process.env['PATH'] ?? '' },
  });
  expect(stdout.match(/^dingtalk_up\{organization="org\d+"\} 1$/gmu)).toHaveLength(300);
});
