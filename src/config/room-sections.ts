// The settings about rooms and about groups of rooms.
import { reading, section, setting } from './section.ts';
import * as values from './values.ts';

const { duration, integer } = values;

export const rooms = section('Rooms', reading, {
  include: setting(
    values.requiredRoomPattern,
    '.*',
    'Rooms to publish one by one. The pattern matches the whole name, after `rooms.rewrite`.',
  ),
  exclude: setting(
    values.roomPattern,
    '',
    'Rooms not to publish one by one. Takes precedence over `rooms.include`.',
  ),
  rewrite: setting(
    values.roomRewrites,
    [],
    'Rules that rewrite room names before anything is counted. The first rule that matches applies.',
  ),
  limit: setting(
    integer(0, 100_000),
    500,
    'The most rooms of a project to publish one by one. The others are summed in `room="__other__"`.',
  ),
  linger: setting(
    duration('0s', '7d', '10m'),
    '10m',
    'How long a room is published, at zero, after its last session ended.',
  ),
});

export const groups = section('Groups', reading, {
  rules: setting(
    values.groupRules,
    [],
    'Rules that assign rooms to groups, such as customers or teams, by their name after `rooms.rewrite`. The first rule that matches applies; rooms that match none are in `group="__none__"`. Without rules there are no groups.',
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
    'The most groups of a project to publish one by one. The others are summed in `group="__other__"`. `rooms.linger` applies to groups, too.',
  ),
});
