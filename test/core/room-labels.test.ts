import { describe, expect, it } from 'vitest';
import { roomLabels, type RoomLabelRules } from '../../src/core/room-labels.ts';

const everything = /^(?:.*)$/su;
const nothing = /^(?:)$/su;
const plain: RoomLabelRules = { include: everything, exclude: nothing, rewrite: [] };

describe('room labels', () => {
  it.each([
    {
      name: 'a name is its own label',
      rules: plain,
      room: 'lobby',
      want: { name: 'lobby', publishable: true },
    },
    {
      name: 'the first rule that applies rewrites the name',
      rules: {
        ...plain,
        rewrite: [
          { apply: () => undefined },
          { apply: (name) => name.replace('-', ' of ') },
          { apply: () => 'never' },
        ],
      },
      room: 'standup-red',
      want: { name: 'standup of red', publishable: true },
    },
    {
      name: 'a name that no include matches is only summed',
      rules: { ...plain, include: /^(?:team-.*)$/su },
      room: 'lobby',
      want: { name: 'lobby', publishable: false },
    },
    {
      name: 'a room without a name is only summed, whatever the rules are',
      rules: { ...plain, exclude: /^(?:test)$/su },
      room: '',
      want: { name: '', publishable: false },
    },
    {
      name: 'exclude wins over include',
      rules: { ...plain, exclude: /^(?:lob.*)$/su },
      room: 'lobby',
      want: { name: 'lobby', publishable: false },
    },
    {
      name: 'include and exclude see the rewritten name',
      rules: {
        ...plain,
        exclude: /^(?:calls)$/su,
        rewrite: [{ apply: () => 'calls' }],
      },
      room: 'call-17',
      want: { name: 'calls', publishable: false },
    },
    {
      name: '__other__ is taken',
      rules: plain,
      room: '__other__',
      want: { name: '__other__', publishable: false },
    },
    { name: 'no name is no label', rules: plain, room: '', want: { name: '', publishable: false } },
  ])('$name', ({ rules, room, want }) => {
    const label = roomLabels(rules);
    expect(label(room)).toEqual(want);
    expect(label(room)).toEqual(want);
  });
});
