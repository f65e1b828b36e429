import { describe, expect, it } from 'vitest';
import type { Figure } from './figures.ts';
import { isExact, isNear } from './verdict.ts';

const right: Figure = {
  project: 'large',
  limited: false,
  ofSeconds: false,
  counter: 'livekit_cloud_room_sessions_started_total',
  truth: 1000,
  exporter: 1000,
  increase: 1000,
  unseen: 0,
  extrapolated: 0,
  series: 10,
  falls: 0,
};

const limited = { project: 'limited', limited: true };

describe('a figure', () => {
  it.each([
    { name: 'as it should be', change: {}, exact: true, near: true },
    { name: 'of which one is missing', change: { exporter: 999 }, exact: false, near: true },
    { name: 'of which one is counted twice', change: { exporter: 1001 }, exact: false, near: true },
    { name: 'just near enough', change: { increase: 995 }, exact: true, near: true },
    { name: 'too far below', change: { increase: 994 }, exact: true, near: false },
    { name: 'too far above', change: { increase: 1006, extrapolated: 6 }, exact: true, near: false },
    { name: 'of a limited project', change: { ...limited }, exact: true, near: true },
    {
      name: 'of which a limited project lacks little',
      change: { ...limited, exporter: 995 },
      exact: true,
      near: true,
    },
    {
      name: 'of which a limited project lacks much',
      change: { ...limited, exporter: 994 },
      exact: false,
      near: true,
    },
    {
      name: 'too far above by what is extrapolated in a limited project',
      change: { ...limited, increase: 1006, extrapolated: 6 },
      exact: true,
      near: true,
    },
    {
      name: 'near only by what is extrapolated in a limited project',
      change: { ...limited, increase: 1000, extrapolated: 6 },
      exact: true,
      near: false,
    },
    {
      name: 'of seconds of which the last digit is off',
      change: { ofSeconds: true, exporter: 1000 + 1e-10 },
      exact: true,
      near: true,
    },
    {
      name: 'of seconds of which a millionth is missing',
      change: { ofSeconds: true, exporter: 1000 - 1e-6 },
      exact: false,
      near: true,
    },
    {
      name: 'of whole numbers of which the last digit is off',
      change: { exporter: 1000 + 1e-10 },
      exact: false,
      near: true,
    },
    {
      name: 'of seconds of which a limited project lacks little',
      change: { ...limited, ofSeconds: true, exporter: 995 },
      exact: true,
      near: true,
    },
    { name: 'of something that never was', change: { truth: 0 }, exact: false, near: false },
  ])('$name', ({ change, exact, near }) => {
    const figure = { ...right, ...change };
    expect([isExact(figure), isNear(figure)]).toEqual([exact, near]);
  });
});
