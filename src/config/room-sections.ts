// The settings about rooms and about groups of rooms.
import { reading, section, setting } from './section.ts';
import * as values from './values.ts';

const { duration, integer } = values;

export const rooms = section('Rooms', reading, {
  include: setting(
    values.requiredRoomPattern,
    '.*',
    'Rooms to publish one by one. Matches the whole name, after `rooms.rewrite`.',
  ),
  exclude: setting(values.roomPattern, '', 'Rooms not to publish one by one; wins over `rooms.include`.'),
  rewrite: setting(
    values.roomRewrites,
    [],
    'Rules that rewrite room names before anything is counted; the first match wins.',
  ),
  limit: setting(
    integer(0, 100_000),
    500,
    'Rooms published one by one, per project; the rest is summed in `room="__other__"`.',
  ),
  linger: setting(
    duration('0s', '7d', '10m'),
    '10m',
    'How long a room stays, at zero, after its last session ended.',
  ),
});

export const groups = section('Groups', reading, {
  rules: setting(
    values.groupRules,
    [],
    'Rules that give a room to a group, a customer or a team, by its name after `rooms.rewrite`; the first match wins, a room that matches none is in `group="__none__"`. Without rules there are no groups.',
    {
      demoDefault: [
        { pattern: '(call|class|webinar)-.*', group: '$1' },
        { pattern: '[a-z]+-(backend|frontend|mobile|design|sales|support|platform|data).*', group: '$1' },
        { pattern: 'voice-agent-.*', group: 'voice agents' },
      ],
    },
  ),
  limit: setting(
    integer(0, 10_000),
    100,
    'Groups published one by one, per project; the rest is summed in `group="__other__"`. They linger as rooms do.',
  ),
});
