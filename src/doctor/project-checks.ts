// The checks of one project, in the order in which they make sense.
import { SourceError } from '../core/source-error.ts';
import {
  checkApi,
  checkClock,
  checkCredentials,
  checkPlan,
  checkProjectId,
  checkSessionList,
} from './answer-checks.ts';
import { checkBudget } from './budget-check.ts';
import { checkDetails } from './details-check.ts';
import { type CheckFinding, failed, type Finding, skip } from './finding.ts';
import type { Patient } from './patient.ts';
import { checkAuthorities, checkConnection, checkName, checkProxy } from './way-checks.ts';

interface ProjectCheck {
  readonly name: string;
  /** Checks without which this one makes no sense. */
  readonly needs: readonly string[];
  /** Whom it makes sense for at all; all when left out. */
  readonly isFor?: (patient: Patient) => boolean;
  /** May be rejected with a SourceError: that is what it has found then. */
  readonly run: (patient: Patient) => Promise<Finding>;
}

const answered = ['connection', 'API'];

const projectChecks: readonly ProjectCheck[] = [
  { name: 'proxy', needs: [], run: checkProxy },
  { name: 'authorities', needs: [], run: checkAuthorities },
  { name: 'name resolution', needs: [], run: checkName },
  { name: 'connection', needs: ['proxy', 'name resolution'], run: checkConnection },
  { name: 'API', needs: ['connection'], run: checkApi },
  { name: 'clock', needs: ['connection'], run: checkClock },
  { name: 'key and secret', needs: answered, run: checkCredentials },
  { name: 'grant and plan', needs: answered, run: checkPlan },
  { name: 'project id', needs: answered, run: checkProjectId },
  { name: 'session list', needs: answered, run: checkSessionList },
  {
    name: 'requests',
    needs: [...answered, 'key and secret', 'grant and plan', 'project id', 'session list'],
    run: checkBudget,
  },
  {
    name: 'session details',
    needs: ['requests'],
    isFor: ({ readsDetails }) => readsDetails,
    run: checkDetails,
  },
];

/** Runs one check after the other; `report` hears of each as it ends. */
export async function examine(patient: Patient, report: (finding: CheckFinding) => void): Promise<void> {
  /** The checks that did not come out well, and the failure behind it. */
  const lost = new Map<string, string>();
  for (const { name, needs, isFor, run } of projectChecks) {
    if (isFor?.(patient) === false) continue;
    const cause = needs.map((other) => lost.get(other)).find((other) => other !== undefined);
    const finding =
      cause === undefined ? await outcome(run, patient) : skip(`not checked: ${cause} has failed`);
    if (cause !== undefined || finding.status === 'fail') lost.set(name, cause ?? name);
    report({ check: name, ...finding });
  }
}

async function outcome(run: ProjectCheck['run'], patient: Patient): Promise<Finding> {
  try {
    return await run(patient);
  } catch (error) {
    if (error instanceof SourceError) return failed(error);
    throw error;
  }
}
