import { writeFileSync } from 'node:fs';
import { renderDashboard } from './dashboard.ts';

/** `npm run dashboard`, from the top of the repository. */
writeFileSync('grafana/dashboards/dingtalk-headcount.json', renderDashboard());
