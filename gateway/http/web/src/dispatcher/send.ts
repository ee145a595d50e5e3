import { agencyColour } from '../shared/agency';
import { el } from '../shared/dom';
import { candidates, type Candidate } from '../shared/geometry';
import { nearness } from '../shared/nearness';
import { both, say } from '../shared/words';
import { send, type ActsOptions } from './act';

let typed = '';

// matching are the units that fit what was typed.
function matching(o: ActsOptions): Candidate[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return candidates(o.state.units.values(), o.incident.location)
    .filter((c) => c.unit.properties.incident !== o.incident.id)
    .filter((c) => words.every((w) => `${c.unit.properties.call_sign} ${c.unit.properties.agency}`.toLowerCase().includes(w)))
    .slice(0, 8);
}

// sendForm lists who could go, the nearest free units first; typing narrows it.
export function sendForm(o: ActsOptions): HTMLElement {
  const list = matching(o);
  const go = (c: Candidate | undefined): void => {
    if (!c) return;
    typed = '';
    document.querySelectorAll<HTMLInputElement>('#send-unit').forEach((x) => { x.value = ''; });
    void send(o.state, o.notices, o.incident.id, [c.unit.id]);
  };
  return el('form', { class: 'ask', 'data-key': `${o.incident.id} send`, submit: (e) => { e.preventDefault(); go(matching(o)[0]); } },
    el('input', {
      id: 'send-unit', autocomplete: 'off', 'aria-label': both('Tim', 'Unit'), placeholder: both('Ketik nama tim; Enter mengirim yang teratas', 'Type a call sign; Enter sends the first'),
      input: (e) => { typed = (e.target as HTMLInputElement).value; o.state.changed(); },
    }),
    el('div', { class: 'candidates' }, ...list.map((c) => el('button', { type: 'button', class: c.free ? 'free' : 'busy', 'data-key': c.unit.id, click: () => go(c) },
      el('span', { class: 'dot', style: `background:${agencyColour(c.unit.properties.agency)}` }),
      el('b', {}, c.unit.properties.call_sign), el('span', { class: 'dim' }, nearness(o.state, c)),
      el('span', { class: c.free ? 'ok' : 'warn' }, c.free ? both('bebas', 'free') : `${say(c.unit.properties.status)} ${c.unit.properties.incident_number.slice(-3)}`)))));
}
