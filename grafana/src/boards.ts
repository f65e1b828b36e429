// All boards, by the name of the file they are generated to.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { customers } from './customers/customers.ts';
import { exporter } from './exporter/exporter.ts';
import { overview } from './overview/overview.ts';
import { room } from './room/room.ts';
import { usage } from './usage/usage.ts';

export const boards: Readonly<Record<string, Dashboard>> = {
  'overview.json': overview,
  'room.json': room,
  'usage.json': usage,
  'customers.json': customers,
  'exporter.json': exporter,
};
