// What the replay shows of one incident or unit beside what the live page shows of it.
import { agencyColour } from '../shared/agency';
import { el, type Child } from '../shared/dom';
import { clockTime, duration } from '../shared/time';
import type { Unit } from '../shared/types';
import { both, say } from '../shared/words';
import type { PastState } from './state';

// laterPanel lists what had happened by then and was known only afterwards, so that
// nobody is blamed for not having known it.
export function laterPanel(state: PastState, id: string): Child[] {
  const later = state.past.later(id);
  if (!later.length) return [];
  return [
    el('h3', { 'data-key': 'later-h' }, both('Baru diketahui kemudian', 'Known only later')),
    el('ul', { class: 'later', 'data-key': 'later' }, ...later.map(({ what, milestone: m, was }) => el('li', { 'data-key': `${m.milestone} ${m.unit ?? ''} ${m.report}` },
      el('b', {}, `${say(m.milestone)}${m.unit ? ` — ${state.callSign(m.unit)}` : ''}`), ' ',
      what === 'withdrawn' ? both('kemudian dicabut', 'withdrawn later')
        : el('span', {}, was ? el('s', {}, clockTime(was.at)) : null, was ? ' → ' : '', clockTime(m.at), ` (${say(m.evidence)})`, m.known_at ? ` · ${both('diketahui', 'known')} ${clockTime(m.known_at)}` : '')))),
  ];
}

function fact(label: string, value: Child): Child {
  return value ? el('div', { class: 'fact' }, el('dt', {}, label), el('dd', {}, value)) : null;
}

export function unitPast(state: PastState, u: Unit): Child[] {
  const p = u.properties;
  const incident = state.incidents.get(p.incident);
  const { late } = state.past.way(u.id);
  return [
    el('div', { class: 'title', 'data-key': u.id },
      el('span', { class: 'dot big', style: `background:${agencyColour(p.agency)}` }),
      el('h2', {}, p.call_sign, el('span', { class: 'number' }, p.agency)),
      el('button', { type: 'button', id: 'back', 'aria-label': both('Kembali', 'Back'), click: () => state.select({}) }, '✕')),
    p.emergency ? el('p', { class: 'error row' }, `✱ ${say('emergency')}`) : null,
    el('dl', { class: 'facts2' },
      fact(both('Status', 'Status'), `${say(p.status || 'available')}${p.status_at ? ` · ${clockTime(p.status_at)}` : ''}`),
      fact(both('Insiden', 'Incident'), incident ? el('button', { type: 'button', class: 'small', click: () => state.select({ incident: incident.id }) }, `${incident.number.slice(-3)} ${incident.address ?? ''}`) : both('bebas', 'free')),
      fact(both('Posisi', 'Fix'), p.fix_at ? `${clockTime(p.fix_at)} · ${duration(state.age(p.fix_at))} ${both('sebelumnya', 'before')}` : both('belum pernah', 'never')),
      fact(both('Laju', 'Speed'), p.speed_mps !== null ? `${Math.round(p.speed_mps * 3.6)} km/${both('jam', 'h')}${p.course_deg !== null ? ` · ${Math.round(p.course_deg)}°` : ''}` : null),
      fact(both('Menyusul', 'Came later'), late.length ? both(`${late.length} posisi, di peta bergaris putus`, `${late.length} positions, dashed on the map`) : null)),
  ];
}
