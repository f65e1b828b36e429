// The projects as targets for Prometheus' HTTP service discovery: each is scraped for itself, by `?project=`.
// https://prometheus.io/docs/prometheus/latest/http_sd/

export interface DiscoveredFrom {
  /** As Prometheus has reached us: HOST or HOST:PORT. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly telemetryPath: string;
}

export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * One target a project. They differ by a parameter of their URL, which is no label of what is scraped: the label
 * `instance` has the project in it, so that their own series, `up` among them, are not taken for one.
 */
export function targetGroups(
  projects: readonly string[],
  { host, scheme, telemetryPath }: DiscoveredFrom,
): TargetGroup[] {
  return projects.map((project) => ({
    targets: [host],
    labels: {
      __scheme__: scheme,
      __metrics_path__: telemetryPath,
      __param_project: project,
      instance: `${host}/${project}`,
    },
  }));
}
