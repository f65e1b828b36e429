// Where the pages of one project are. Relative to the landing page, so that they hold behind a proxy that adds a path.

/** The page that shows this project alone. A link within a page would not do: a page with `#` is not renewed. */
export function projectLink(name: string): string {
  return `./${projectQuery(name)}`;
}

export function projectMetricsLink(telemetryPath: string, name: string): string {
  return `.${telemetryPath}${projectQuery(name)}`;
}

function projectQuery(name: string): string {
  // Half a character cannot be written in a URL.
  return `?project=${encodeURIComponent(name.toWellFormed())}`;
}
