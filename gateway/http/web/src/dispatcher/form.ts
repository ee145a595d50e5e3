import { api } from '../shared/api';
import { el } from '../shared/dom';
import { candidates } from '../shared/geometry';
import { nearness } from '../shared/nearness';
import type { State } from '../shared/state';
import type { Incident, Place, Point } from '../shared/types';
import { both, current } from '../shared/words';

// The form for a new incident: category by number key, place by name or by a
// click on the map.
export class IncidentForm {
  private at: (Point & { uncertainty_m?: number }) | null = null;
  private where: HTMLInputElement | null = null;
  private near: HTMLElement | null = null;

  constructor(private readonly dialog: HTMLDialogElement, private readonly state: State, private readonly mark: (p: Point | null) => void, private readonly made: (i: Incident) => void) {
    dialog.addEventListener('close', () => { this.at = null; mark(null); document.getElementById('map')?.classList.remove('picking'); });
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  close(): void {
    this.dialog.close();
  }

  // choose takes a click on the map, or a village and how far it reaches, and says who
  // would be near.
  choose(p: Point & { radius_m?: number }, name = ''): void {
    this.at = { lat: p.lat, lon: p.lon, ...(p.radius_m ? { uncertainty_m: Math.round(p.radius_m) } : {}) };
    this.mark(p);
    if (this.where) this.where.value = name || `${p.lat.toFixed(5)}, ${p.lon.toFixed(5)}`;
    const near = candidates(this.state.units.values(), p).filter((c) => c.free && c.metres !== null).slice(0, 3);
    this.near?.replaceChildren(...near.map((c) => el('span', {}, el('b', {}, c.unit.properties.call_sign), ` ${nearness(this.state, c)}`)));
  }

  open(): void {
    const categories = this.state.setup?.categories ?? [];
    const radios = categories.map((c, n) => el('label', { class: 'category' },
      el('input', { type: 'radio', name: 'category', value: c.key, required: true }),
      el('kbd', {}, String((n + 1) % 10)), c[current()]));
    const field = (name: string, label: string): HTMLInputElement => el('input', { name, autocomplete: 'off', 'aria-label': label, placeholder: label });
    const where = field('where', both('Tempat: desa atau kecamatan, atau klik peta', 'Place: village or sub-district, or click the map'));
    where.required = true;
    this.where = where;
    const found = el('div', { class: 'found' });
    this.near = el('div', { class: 'near' });
    where.addEventListener('input', () => { this.at = null; void this.find(where, found); });
    where.addEventListener('keydown', (e) => {
      const first = found.querySelector('button');
      if (e.key === 'ArrowDown' && first) { e.preventDefault(); first.focus(); }
      if (e.key === 'Enter' && first && !this.at) { e.preventDefault(); first.click(); }
    });
    found.addEventListener('keydown', (e) => {
      const next = e.key === 'ArrowDown' ? document.activeElement?.nextElementSibling : e.key === 'ArrowUp' ? document.activeElement?.previousElementSibling : undefined;
      if (next === undefined) return;
      e.preventDefault();
      (next instanceof HTMLElement ? next : where).focus();
    });
    const problem = el('p', { class: 'error', role: 'alert' });
    const form = el('form', { submit: (e) => { e.preventDefault(); void this.create(form, problem); } },
      el('h2', { id: 'form-title' }, both('Insiden baru', 'New incident')), el('div', { class: 'categories', role: 'radiogroup', 'aria-label': both('Kategori', 'Category') }, ...radios), where, found, this.near,
      field('address', both('Alamat atau patokan', 'Address or landmark')), field('description', both('Uraian', 'Description')), field('caller', both('Pelapor', 'Caller')), problem,
      el('div', { class: 'row' },
        el('button', { class: 'primary', id: 'create', type: 'submit' }, both('Buat insiden', 'Create incident'), el('kbd', {}, '↵')),
        el('button', { type: 'button', click: () => this.close() }, both('Batal', 'Cancel'), el('kbd', {}, 'Esc'))));
    form.addEventListener('keydown', (e) => {
      if (e.target instanceof HTMLInputElement && e.target.type !== 'radio') return;
      const radio = radios[(Number(e.key) + 9) % 10]?.querySelector('input');
      if (!/^\d$/.test(e.key) || !radio) return;
      e.preventDefault();
      radio.checked = true;
      where.focus();
    });
    this.dialog.replaceChildren(form);
    this.dialog.show();
    document.getElementById('map')?.classList.add('picking');
    radios[0]?.querySelector('input')?.focus();
  }

  private async find(where: HTMLInputElement, found: HTMLElement): Promise<void> {
    const q = where.value;
    const places = q.trim().length < 3 ? [] : await api.places(q).catch((): Place[] => []);
    if (where.value !== q) return;
    found.replaceChildren(...places.map((p) => el('button', {
      type: 'button',
      click: () => { this.choose(p, `${p.name}, ${p.district}`); found.replaceChildren(); where.focus(); },
    }, p.name, el('span', { class: 'dim' }, ` ${p.district}`))));
  }

  private async create(form: HTMLFormElement, problem: HTMLElement): Promise<void> {
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? '').trim();
    try {
      const opened = await api.open({
        category: text('category'), ...(this.at ? { location: this.at } : {}), address: text('address') || text('where'),
        description: text('description'), caller: text('caller'),
      });
      this.state.putIncident(opened);
      this.close();
      this.made(opened);
    } catch (e) {
      problem.textContent = e instanceof Error ? e.message : String(e);
    }
  }
}
