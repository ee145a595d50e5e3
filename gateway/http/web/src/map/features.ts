// What stands on the map, as GeoJSON. Pure.
import type { Feature, FeatureCollection } from 'geojson';
import { agencyColour } from '../shared/agency';
import { ring } from '../shared/geometry';
import { health } from '../shared/health';
import { duration } from '../shared/time';
import type { Incident, Link, Unit } from '../shared/types';

// agedS is from which age a fix says how old it is.
export const agedS = 60;

// fade is how strongly a marker is drawn by the age of its fix: it pales, and
// never vanishes.
export function fade(ageS: number): number {
  if (ageS <= agedS) return 1;
  if (ageS >= 1800) return 0.4;
  return 1 - (0.6 * (ageS - agedS)) / (1800 - agedS);
}

// Seen is how the map looks at units: staleS is the gateway's own limit from which a
// fix counts as old.
export interface Seen { nowMs: number; behind: boolean; selected: string; staleS: number }

export function unitFeatures(units: Iterable<Unit>, s: Seen): FeatureCollection {
  const features: Feature[] = [];
  for (const u of units) {
    if (!u.geometry) continue;
    const p = u.properties;
    const age = p.fix_at ? Math.max(0, (s.nowMs - Date.parse(p.fix_at)) / 1000) : s.staleS;
    const moving = age < s.staleS && (p.speed_mps ?? 0) > 1 && p.course_deg !== null;
    const form = p.emergency ? 'alarm' : moving ? 'arrow' : 'dot';
    features.push({
      type: 'Feature', geometry: u.geometry,
      properties: {
        unit: u.id, icon: `unit ${form} ${agencyColour(p.agency)}`, turn: form === 'arrow' ? p.course_deg : 0, fade: fade(age),
        label: s.behind || age > agedS ? `${p.call_sign}\n${duration(age)}${age > s.staleS ? ' ⌛' : ''}` : p.call_sign,
        emergency: p.emergency, selected: u.id === s.selected, order: p.emergency ? 0 : u.id === s.selected ? 1 : p.incident ? 2 : 3,
      },
    });
  }
  return { type: 'FeatureCollection', features };
}

export function incidentFeatures(open: Incident[], standing: (i: Incident) => string, selected: string): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: open.filter((i) => i.location).map((i) => ({
      type: 'Feature', geometry: { type: 'Point', coordinates: [i.location!.lon, i.location!.lat] },
      properties: { incident: i.id, icon: `scene ${standing(i)}`, label: i.number.slice(-3), selected: i.id === selected },
    })),
  };
}

export function radiusFeatures(open: Incident[], fallbackM = 100): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: open.filter((i) => i.location).map((i) => ({
      type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring(i.location!, Math.max(i.location!.radius_m || fallbackM, i.location!.uncertainty_m ?? 0))] },
    })),
  };
}

export function stationFeatures(links: Link[], nowMs: number): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: links.filter((l) => l.location).map((l) => ({
      type: 'Feature', geometry: { type: 'Point', coordinates: [l.location!.lon, l.location!.lat] },
      properties: { link: l.id, icon: `station ${health(l, nowMs)}`, label: l.id },
    })),
  };
}

// graticule is the net of meridians and parallels around a county, every tenth of
// a degree, with the number at each line's end.
export function graticule([west, south, east, north]: [number, number, number, number], step = 0.1): FeatureCollection {
  const features: Feature[] = [];
  const line = (coordinates: [number, number][], label: string): void => {
    features.push({ type: 'Feature', properties: { label }, geometry: { type: 'LineString', coordinates } });
  };
  // Signs as everywhere on the page, and no letters: those differ from language to language.
  const degrees = (v: number): string => `${v < 0 ? '−' : ''}${Math.abs(v).toFixed(1)}°`;
  for (let k = Math.ceil(west / step); k * step <= east; k++) line([[k * step, south], [k * step, north]], degrees(k * step));
  for (let k = Math.ceil(south / step); k * step <= north; k++) line([[west, k * step], [east, k * step]], degrees(k * step));
  return { type: 'FeatureCollection', features };
}
