import { existsSync } from 'node:fs';

/** The tests of the built program need it built: `npm test` does so first; `npx vitest` alone does not. */
export default function setup(): void {
  if (!existsSync('dist/main.js')) throw new Error('dist/main.js is missing: run "npm run build" first');
}
