import { mkdirSync, writeFileSync } from 'node:fs';
import { renderFiles } from './dashboard.ts';

/** `npm run dashboard`, from the top of the repository. */
mkdirSync('grafana/import', { recursive: true });
for (const [path, text] of renderFiles()) writeFileSync(path, text);
