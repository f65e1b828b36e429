// The alerts of this product that fire: Prometheus keeps them as series of its own. They have the labels of their
// rules, so they cannot be picked by exporter; an alert without a project is about all of them.

const ours = 'alertname=~"LiveKitCloud.+", project=~"$project|"';

export const alerts = `ALERTS{${ours}, alertstate="firing"}`;

/** The same alert of several jobs, instances or signals is one; all names begin alike. */
function asOne(expression: string): string {
  const short = `label_replace(${expression}, "alertname", "$1", "alertname", "LiveKitCloud(.+)")`;
  return `max by (alertname, project, room, severity) (${short})`;
}

export const firing = asOne(alerts);

/** Seconds that an alert has fired or been about to. */
const pendingFor = `time() - ALERTS_FOR_STATE{${ours}}`;

export const firingFor = asOne(`${pendingFor} and ignoring (alertstate) ${alerts}`);
