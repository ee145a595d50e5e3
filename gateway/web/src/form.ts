import { api } from './api';
import { el } from './dom';
import type { State } from './state';
import type { Place } from './types';
import { current, say } from './words';

// The form for a new incident: category by number key, place by name or by a
// click on the map.
export class IncidentForm {
  private at: { lat: number; lon: number } | null = null;
  private where: HTMLInputElement | null = null;

  constructor(private readonly dialog: HTMLDialogElement, private readonly state: State, private readonly mark: (p: { lat: number; lon: number } | null) => void) {
    dialog.addEventListener('close', () => { this.at = null; mark(null); });
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  // choose takes a click on the map.
  choose(p: { lat: number; lon: number }): void {
    this.at = { lat: p.lat, lon: p.lon };
    this.mark(p);
    if (this.where) this.where.value = `${p.lat.toFixed(5)}, ${p.lon.toFixed(5)}`;
  }

  open(): void {
    const categories = this.state.setup?.categories ?? [];
    const radios = categories.map((c, n) => el('label', { class: 'category' },
      el('input', { type: 'radio', name: 'category', value: c.key, required: true }),
      el('kbd', {}, String((n + 1) % 10)), c[current()]));
    const where = el('input', { name: 'where', required: true, autocomplete: 'off', 'aria-label': say('place'), placeholder: say('place') });
    this.where = where;
    const found = el('div', { class: 'found' });
    where.addEventListener('input', () => void this.find(where, found));
    const address = el('input', { name: 'address', 'aria-label': say('address'), placeholder: say('address') });
    const description = el('input', { name: 'description', 'aria-label': say('description'), placeholder: say('description') });
    const caller = el('input', { name: 'caller', 'aria-label': say('caller'), placeholder: say('caller') });
    const problem = el('p', { class: 'error', role: 'alert' });
    const form = el('form', { submit: (e) => { e.preventDefault(); void this.create(form, problem); } },
      el('h2', {}, say('newIncident')), el('div', { class: 'categories' }, ...radios), where, found, address, description, caller, problem,
      el('div', { class: 'row' },
        el('button', { class: 'primary', id: 'create' }, say('create')),
        el('button', { type: 'button', click: () => this.dialog.close() }, say('cancel'))));
    form.addEventListener('keydown', (e) => {
      if (e.target instanceof HTMLInputElement && e.target.type !== 'radio') return;
      const radio = radios[(Number(e.key) + 9) % 10]?.querySelector('input');
      if (/^\d$/.test(e.key) && radio) radio.checked = true;
    });
    this.dialog.replaceChildren(form);
    this.dialog.show();
    radios[0]?.querySelector('input')?.focus();
  }

  private async find(where: HTMLInputElement, found: HTMLElement): Promise<void> {
    const q = where.value;
    const places = q.length < 3 ? [] : await api.places(q).catch((): Place[] => []);
    if (where.value !== q) return;
    found.replaceChildren(...places.map((p) => el('button', {
      type: 'button',
      click: () => { this.choose(p); where.value = `${p.name}, ${p.district}`; found.replaceChildren(); },
    }, `${p.name} — ${p.district}`)));
  }

  private async create(form: HTMLFormElement, problem: HTMLElement): Promise<void> {
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? '').trim();
    try {
      const opened = await api.open({
        category: text('category'), location: this.at, address: text('address') || text('where'),
        description: text('description'), caller: text('caller'),
      });
      this.state.incidents.set(opened.id, opened);
      this.state.selected = opened.id;
      this.dialog.close();
      this.state.changed();
    } catch (e) {
      problem.textContent = e instanceof Error ? e.message : String(e);
    }
  }
}
