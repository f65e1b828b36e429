// The alerts of this product that fire: Prometheus keeps them as series of its own. They have the labels of their
// rules, so they cannot be picked by exporter; an alert without a project is about all of them.

const ours = 'alertname=~"LiveKitCloud.+", project=~"$project|"';

export const firing = `ALERTS{${ours}, alertstate="firing"}`;

/** Seconds that an alert has fired or been about to. */
const pendingFor = `time() - ALERTS_FOR_STATE{${ours}}`;

export const firingFor = `max by (alertname, project, severity) (${pendingFor} and ignoring (alertstate) ${firing})`;
