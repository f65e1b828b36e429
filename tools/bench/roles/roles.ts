// The processes of ours that the benchmark starts.

const roles = {
  'page-server': () => import('./page-server.ts'),
  'list-counter': () => import('./list-counter.ts'),
  'load-server': () => import('./load-server.ts'),
  'prom-client-server': () => import('./prom-client-server.ts'),
  cycle: () => import('./cycle.ts'),
  'polled-exporter': () => import('./polled-exporter.ts'),
  'state-keeper': () => import('./state-keeper.ts'),
};
export type RoleName = keyof typeof roles;

/** What the process of each role is told at its start. */
export type RoleOptions = {
  [Name in RoleName]: Parameters<Awaited<ReturnType<(typeof roles)[Name]>>['run']>[0];
};

export async function runRole<Name extends RoleName>(role: Name, options: RoleOptions[Name]): Promise<void> {
  const { run } = (await roles[role]()) as { run(options: RoleOptions[Name]): void | Promise<void> };
  await run(options);
}
