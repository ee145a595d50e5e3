// How a link stands, for the strip of links and for the stations on the map.
import type { Link } from './types';

// quietAfterS is from when a link that is up but says nothing is pointed out.
const quietAfterS = 900;

// Nothing is awaited from those that send, store, or hear of an incident now and
// then; the ways of phones are unused where nobody has one.
const awaitsNothing = ['store', 'publish', 'webhook', 'cot', 'folder', 'edge', 'centre', 'journal'];
const ofPhones = ['mqtt', 'broker', 'http'];

export type Health = 'up' | 'quiet' | 'idle' | 'down';

// health is how a link stands at a moment, beyond what it says itself. idle: nobody
// has used it yet, and nobody needs to.
export function health(l: Link, nowMs: number): Health {
  if (l.state !== 'up') return 'down';
  if (awaitsNothing.includes(l.kind)) return 'up';
  if (!l.last_heard && ofPhones.includes(l.kind)) return 'idle';
  return nowMs - Date.parse(l.last_heard ?? l.since) > quietAfterS * 1000 ? 'quiet' : 'up';
}
