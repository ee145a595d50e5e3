import * as maplibregl from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Feature, FeatureCollection } from 'geojson';
import basemap from './basemap.json';
import { el } from './dom';
import type { State } from './state';
import { duration } from './time';
import type { Unit } from './types';
import { say } from './words';

maplibregl.setWorkerUrl(workerUrl);

// Agencies by colour; the call sign stands beside it, so colour is never alone.
const colours = ['#e4572e', '#2e9cca', '#f2b134', '#6a9f58', '#a67db8', '#c7c7c7', '#d98cb3', '#5fb3a1'];

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// style is the county without any network. A tile source would be added here.
function style(): maplibregl.StyleSpecification {
  const line = (id: string, color: string, width: number): maplibregl.LayerSpecification =>
    ({ id, type: 'line', source: id, paint: { 'line-color': color, 'line-width': width } });
  return {
    version: 8,
    sources: {
      cells: { type: 'geojson', data: basemap.cells as FeatureCollection },
      borders: { type: 'geojson', data: basemap.borders as Feature },
      outline: { type: 'geojson', data: basemap.outline as Feature },
      track: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      radius: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': css('--map-ground') } },
      {
        id: 'cells', type: 'fill', source: 'cells',
        paint: { 'fill-antialias': false, 'fill-color': ['interpolate', ['linear'], ['get', 'elevation'], 0, css('--map-low'), 500, css('--map-mid'), 1400, css('--map-high')] },
      },
      line('borders', css('--map-border'), 1), line('outline', css('--map-outline'), 1.5),
      { id: 'radius', type: 'fill', source: 'radius', paint: { 'fill-color': '#e4572e', 'fill-opacity': 0.25 } },
      { ...line('track', '#2e9cca', 2.5) },
    ],
  };
}

// ring is a circle of so many metres as a polygon.
function ring(lon: number, lat: number, metres: number): Feature {
  const points = Array.from({ length: 49 }, (_, i) => {
    const a = (i / 48) * 2 * Math.PI;
    return [lon + (metres * Math.cos(a)) / (111_320 * Math.cos((lat * Math.PI) / 180)), lat + (metres * Math.sin(a)) / 110_574];
  });
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [points] } };
}

export class CountyMap {
  private readonly map: maplibregl.Map;
  private readonly units = new Map<string, maplibregl.Marker>();
  private readonly incidents = new Map<string, maplibregl.Marker>();
  private readonly villages = new Map<string, maplibregl.Marker>();
  private chosen: maplibregl.Marker | null = null;
  private focused = '';
  private ready = false;

  constructor(container: HTMLElement, private readonly state: State, click: (p: { lat: number; lon: number }) => void) {
    this.map = new maplibregl.Map({
      container, style: style(), bounds: basemap.bounds as [number, number, number, number],
      attributionControl: false, dragRotate: false, fitBoundsOptions: { padding: 20 },
    });
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'bottom-right');
    this.map.addControl(new maplibregl.ScaleControl({}), 'bottom-left');
    container.append(el('div', { class: 'approximate', id: 'approximate' }, say('approximate')));
    for (const d of basemap.districts) {
      new maplibregl.Marker({ element: el('div', { class: 'district' }, d.name) }).setLngLat(d.at as [number, number]).addTo(this.map);
    }
    this.map.on('load', () => { this.ready = true; container.dataset['ready'] = 'yes'; this.draw(); });
    this.map.on('moveend', () => this.names());
    this.map.on('click', (e) => click({ lat: e.lngLat.lat, lon: e.lngLat.lng }));
  }

  restyle(): void {
    this.map.setStyle(style(), { diff: false });
    this.map.once('styledata', () => this.draw());
  }

  // names shows villages once there is room for them.
  private names(): void {
    const near = this.map.getZoom() >= 11.5;
    const bounds = this.map.getBounds();
    for (const v of basemap.villages) {
      const at = v.at as [number, number];
      const key = at.join();
      if (near && bounds.contains(at)) {
        if (!this.villages.has(key)) {
          this.villages.set(key, new maplibregl.Marker({ element: el('div', { class: 'village' }, v.name) }).setLngLat(at).addTo(this.map));
        }
      } else {
        this.villages.get(key)?.remove();
        this.villages.delete(key);
      }
    }
  }

  mark(p: { lat: number; lon: number } | null): void {
    this.chosen?.remove();
    this.chosen = p ? new maplibregl.Marker({ element: el('div', { class: 'chosen' }, '✚') }).setLngLat([p.lon, p.lat]).addTo(this.map) : null;
  }

  focus(id: string): void {
    if (id === this.focused) return;
    this.focused = id;
    const at = this.state.incidents.get(id)?.location;
    if (at) this.map.flyTo({ center: [at.lon, at.lat], zoom: Math.max(this.map.getZoom(), 11.6), duration: 600 });
  }

  async showTrack(unit: string, fetchTrack: (unit: string) => Promise<Feature>): Promise<void> {
    const track = await fetchTrack(unit);
    (this.map.getSource('track') as maplibregl.GeoJSONSource | undefined)?.setData(track);
  }

  draw(): void {
    if (!this.ready) return;
    for (const u of this.state.units.values()) this.drawUnit(u);
    for (const i of this.state.incidents.values()) {
      const marker = this.incidents.get(i.id);
      if (!this.state.isOpen(i) || !i.location) {
        marker?.remove();
        this.incidents.delete(i.id);
        continue;
      }
      const running = i.clocks.filter((c) => !c.stopped_at).sort((a, b) => this.state.left(a) - this.state.left(b))[0];
      const how = running ? this.state.stateOf(running) : 'running';
      const face = marker?.getElement() ?? el('button', { type: 'button', title: i.number, click: (e) => { e.stopPropagation(); this.state.selected = i.id; this.state.changed(); } });
      const classes = `scene ${how}${this.state.selected === i.id ? ' selected' : ''}`;
      for (const c of ['running', 'warning', 'breached', 'met', 'selected']) face.classList.remove(c);
      face.classList.add(...classes.split(' '));
      face.textContent = i.number.slice(-3);
      if (!marker) this.incidents.set(i.id, new maplibregl.Marker({ element: face }).setLngLat([i.location.lon, i.location.lat]).addTo(this.map));
    }
    const open = [...this.state.incidents.values()].filter((i) => this.state.isOpen(i) && i.location);
    (this.map.getSource('radius') as maplibregl.GeoJSONSource | undefined)?.setData({
      type: 'FeatureCollection', features: open.map((i) => ring(i.location!.lon, i.location!.lat, i.location!.radius_m || 100)),
    });
  }

  private drawUnit(u: Unit): void {
    if (!u.geometry) return;
    const p = u.properties;
    const agencies = [...new Set((this.state.setup?.units ?? []).map((x) => x.agency))];
    let marker = this.units.get(u.id);
    if (!marker) {
      const face = el('div', { class: 'unit' }, el('span', { class: 'arrow' }, '▲'), el('span', { class: 'label' }));
      face.style.setProperty('--agency', colours[agencies.indexOf(p.agency) % colours.length] ?? '#888');
      marker = new maplibregl.Marker({ element: face, anchor: 'left' }).setLngLat(u.geometry.coordinates).addTo(this.map);
      this.units.set(u.id, marker);
    }
    const age = p.fix_at ? Math.max(0, (this.state.clock.ms() - Date.parse(p.fix_at)) / 1000) : 0;
    const face = marker.getElement();
    face.classList.toggle('stale', age > 300);
    face.classList.toggle('emergency', p.emergency);
    face.title = `${p.call_sign} · ${p.agency} · ${say(p.status)} · ${duration(age)} ${say('ago')}`;
    const [arrow, label] = face.children as unknown as [HTMLElement, HTMLElement];
    const moving = (p.speed_mps ?? 0) > 1 && p.course_deg !== null;
    arrow.textContent = moving ? '▲' : '●';
    arrow.style.transform = moving ? `rotate(${p.course_deg}deg)` : '';
    label.textContent = p.call_sign + (age > 120 ? ` ${duration(age)}` : '');
    marker.setLngLat(u.geometry.coordinates);
  }
}
