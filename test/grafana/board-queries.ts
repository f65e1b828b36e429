// The queries of the boards as Grafana sends them, with the variables filled in.
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: unknown;
}

export interface BoardQuery {
  /** The title of its panel, its letter there, and the board. */
  readonly name: string;
  /** As it stands in the board. */
  readonly template: string;
}

/** The values of variables, by name; those that are not given are as wide as they can be. */
export type Values = Readonly<Record<string, string>>;

export function panelsOf(board: Dashboard): Panel[] {
  return (board.panels ?? []) as Panel[];
}

export function targetsOf(panel: Panel): Target[] {
  return (panel.targets ?? []) as unknown as Target[];
}

export function queriesOf(board: Dashboard): BoardQuery[] {
  return panelsOf(board).flatMap((panel) =>
    targetsOf(panel).map(({ refId, expr }) => ({
      name: `${panel.title ?? ''} ${refId} of ${board.uid ?? ''}`,
      template: expr,
    })),
  );
}

const widest: Values = {
  job: '.+',
  instance: '.+',
  project: '.+',
  room: 'a "room" in C:\\rooms',
  group: '.+',
  __rate_interval: '1m',
  __range: '1h',
};

/** Throws an Error for a variable that has no value. */
export function filledIn(template: string, values: Values = {}): string {
  const all = { ...widest, ...values };
  return template.replaceAll(
    /\$\{(\w+):raw\}|\$([a-z_]\w*)/g,
    (_, raw: string | undefined, plain: string | undefined) => {
      const name = raw ?? plain ?? '';
      const value = all[name];
      if (value === undefined) throw new Error(`no value for the variable ${name}`);
      return value;
    },
  );
}
