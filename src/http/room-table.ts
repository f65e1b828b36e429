// The busiest rooms of a project. Their names are any text at all.
import { html, type Html } from './html.ts';
import { bytesInWords, countInWords } from './quantities.ts';
import type { RoomStatus } from './status.ts';

const roomsShown = 10;
/** In characters. */
const nameLimit = 64;

/** The roles are what the elements mean anyway; some browsers forget that where a style sheet stacks the cells. */
export function roomTable(rooms: readonly RoomStatus[]): Html {
  return html`<table role="table" class="stack rooms">
    <caption>
      Busiest rooms now, with what they have moved so far
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Room</th>
        <th role="columnheader" scope="col">Sessions</th>
        <th role="columnheader" scope="col">Participants</th>
        <th role="columnheader" scope="col">Uploaded</th>
        <th role="columnheader" scope="col">Downloaded</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rooms.slice(0, roomsShown).map(
        (room) =>
          html`<tr role="row">
            <th role="rowheader" scope="row">${roomName(room.name)}</th>
            <td role="cell">${countInWords(room.sessions)}</td>
            <td role="cell">${countInWords(room.participants)}</td>
            <td role="cell">${bytesInWords(room.bandwidthIn)}</td>
            <td role="cell">${bytesInWords(room.bandwidthOut)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Isolated, so that a name written from right to left does not move its neighbours. */
function roomName(name: string): Html {
  if (name.trim() === '') return html`<i>(room without a name)</i>`;
  const characters = [...name];
  if (characters.length <= nameLimit) return html`<bdi class="name">${name}</bdi>`;
  const beginning = characters.slice(0, nameLimit).join('');
  return html`<bdi class="name">${beginning}…</bdi>
    <small>(${countInWords(characters.length)} characters)</small>`;
}
