// The example configuration of Alertmanager: amtool accepts it, and routes every alert to where it belongs.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { alertRules } from '../../tools/alert-quality/rule-files.ts';
import { describeWithAlertmanager } from '../alertmanager-programs.ts';

const file = 'deploy/alertmanager/alertmanager.yml';
const receivers: Readonly<Record<string, string>> = {
  critical: 'on-call',
  warning: 'tickets',
  info: 'digest',
};

describeWithAlertmanager('amtool', () => {
  it('accepts the configuration', () => {
    const { status, stdout, stderr } = spawnSync('amtool', ['check-config', file], { encoding: 'utf8' });
    expect(stdout + stderr).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it.each(alertRules().map(({ alert, labels }) => ({ alert, severity: labels.severity ?? '' })))(
    'routes $alert by its severity $severity',
    ({ alert, severity }) => {
      const labels = [
        `alertname=${alert}`,
        `severity=${severity}`,
        'job=livekit-cloud',
        'project=production',
      ];
      const { stdout } = spawnSync(
        'amtool',
        ['config', 'routes', 'test', `--config.file=${file}`, ...labels],
        {
          encoding: 'utf8',
        },
      );
      expect(stdout.trim()).toBe(receivers[severity]);
    },
  );
});
