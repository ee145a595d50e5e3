// The county without any network: areas around village points tinted by
// elevation, sub-district lines computed from them, a graticule, names.
import type { FeatureCollection, Feature } from 'geojson';
import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import basemapURL from '../basemap.json?url';
import { graticule } from './features';

export interface Basemap {
  bounds: [number, number, number, number];
  outline: Feature;
  cells: FeatureCollection;
  borders: Feature;
  districts: { name: string; at: [number, number] }[];
  villages: { name: string; at: [number, number] }[];
}

export async function loadBasemap(): Promise<Basemap> {
  const r = await fetch(basemapURL);
  if (!r.ok) throw new Error(r.statusText);
  return (await r.json()) as Basemap;
}

export function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// magnified is how much larger than at a desk the page's letters are: a wall screen is
// read from across the room, and so is its map.
export function magnified(): number {
  return Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 13.5);
}

export const empty: FeatureCollection = { type: 'FeatureCollection', features: [] };
const geojson = (data: FeatureCollection | Feature): SourceSpecification => ({ type: 'geojson', data });
const font = ['sans-serif'];

function names(points: { name: string; at: [number, number] }[]): FeatureCollection {
  return { type: 'FeatureCollection', features: points.map((p) => ({ type: 'Feature', properties: { name: p.name }, geometry: { type: 'Point', coordinates: p.at } })) };
}

function text(field: string, size: number, colour: string): Pick<Extract<LayerSpecification, { type: 'symbol' }>, 'layout' | 'paint'> {
  return {
    layout: { 'text-field': ['get', field], 'text-font': font, 'text-size': size * magnified() },
    paint: { 'text-color': colour, 'text-halo-color': css('--map-halo'), 'text-halo-width': 1.2 },
  };
}

// style is everything below and above what the configuration adds; the layers of
// an outside map go before "borders".
export function style(b: Basemap): StyleSpecification {
  const line = (id: string, source: string, colour: string, width: number, dash?: number[]): LayerSpecification =>
    ({ id, type: 'line', source, paint: { 'line-color': colour, 'line-width': width, ...(dash ? { 'line-dasharray': dash } : {}) } });
  const district = text('name', 11.5, css('--map-district'));
  const village = text('name', 10.5, css('--map-village'));
  const large = magnified();
  const degrees = text('label', 10, css('--map-village'));
  return {
    version: 8,
    sources: {
      cells: geojson(b.cells), borders: geojson(b.borders), outline: geojson(b.outline), net: geojson(graticule(b.bounds)),
      districts: geojson(names(b.districts)), villages: geojson(names(b.villages)),
      radius: geojson(empty), tracks: geojson(empty), track: geojson(empty), stations: geojson(empty), incidents: geojson(empty), tool: geojson(empty),
      units: { type: 'geojson', data: empty, cluster: true, clusterRadius: 22, clusterMaxZoom: 10, clusterMinPoints: 4, clusterProperties: { emergency: ['any', ['get', 'emergency']] } },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': css('--map-ground') } },
      {
        id: 'cells', type: 'fill', source: 'cells',
        paint: {
          'fill-antialias': false,
          'fill-color': ['interpolate', ['linear'], ['get', 'elevation'], 0, css('--map-low'), 150, css('--map-hill'), 500, css('--map-mid'), 1200, css('--map-high')],
        },
      },
      line('net', 'net', css('--map-net'), 0.6),
      line('borders', 'borders', css('--map-border'), 1, [3, 2]), line('outline', 'outline', css('--map-outline'), 1.6),
      { id: 'degrees', type: 'symbol', source: 'net', ...degrees, layout: { ...degrees.layout, 'symbol-placement': 'line', 'symbol-spacing': 900 } },
      { id: 'villages', type: 'symbol', source: 'villages', minzoom: 10.6, ...village, layout: { ...village.layout, 'text-padding': 6 } },
      { id: 'districts', type: 'symbol', source: 'districts', ...district, layout: { ...district.layout, 'text-transform': 'uppercase', 'text-letter-spacing': 0.08 } },
      { id: 'radius', type: 'fill', source: 'radius', paint: { 'fill-color': css('--bad'), 'fill-opacity': 0.16 } },
      { id: 'radius-edge', type: 'line', source: 'radius', paint: { 'line-color': css('--bad'), 'line-width': 1.2 } },
      { id: 'tracks', type: 'line', source: 'tracks', filter: ['!', ['get', 'late']], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': ['get', 'colour'], 'line-width': 1.6, 'line-opacity': 0.55 } },
      { id: 'late', type: 'line', source: 'tracks', filter: ['get', 'late'], paint: { 'line-color': css('--warn'), 'line-width': 2, 'line-dasharray': [1.5, 1.5] } },
      { id: 'track', type: 'line', source: 'track', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': css('--accent'), 'line-width': 3, 'line-opacity': 0.9 } },
      { id: 'tool-line', type: 'line', source: 'tool', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': css('--text'), 'line-width': 1.6, 'line-dasharray': [2, 1.5] } },
      { id: 'tool-point', type: 'circle', source: 'tool', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4, 'circle-color': css('--panel'), 'circle-stroke-color': css('--text'), 'circle-stroke-width': 2 } },
      {
        id: 'stations', type: 'symbol', source: 'stations',
        layout: { 'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'text-field': ['get', 'label'], 'text-font': font, 'text-size': 10 * large, 'text-anchor': 'top', 'text-offset': [0, 1], 'text-optional': true },
        paint: { 'text-color': css('--map-district'), 'text-halo-color': css('--map-halo'), 'text-halo-width': 1.2 },
      },
      { id: 'scene-selected', type: 'circle', source: 'incidents', filter: ['get', 'selected'], paint: { 'circle-radius': 19 * large, 'circle-color': 'transparent', 'circle-stroke-color': css('--accent'), 'circle-stroke-width': 3 } },
      {
        id: 'incidents', type: 'symbol', source: 'incidents',
        layout: {
          'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'icon-ignore-placement': true,
          'text-field': ['get', 'label'], 'text-font': font, 'text-size': 11 * large, 'text-anchor': 'bottom', 'text-offset': [0, -1.15], 'text-allow-overlap': true,
        },
        paint: { 'text-color': css('--text'), 'text-halo-color': css('--map-halo'), 'text-halo-width': 1.6 },
      },
      {
        id: 'clusters', type: 'circle', source: 'units', filter: ['has', 'point_count'],
        paint: {
          'circle-radius': ['step', ['get', 'point_count'], 13 * large, 10, 17 * large, 100, 22 * large], 'circle-color': css('--panel'), 'circle-stroke-width': 2.5,
          'circle-stroke-color': ['case', ['get', 'emergency'], css('--bad'), css('--accent')],
        },
      },
      { id: 'cluster-count', type: 'symbol', source: 'units', filter: ['has', 'point_count'], layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': font, 'text-size': 12 * large, 'text-allow-overlap': true }, paint: { 'text-color': css('--text') } },
      { id: 'unit-selected', type: 'circle', source: 'units', filter: ['all', ['!', ['has', 'point_count']], ['get', 'selected']], paint: { 'circle-radius': 15 * large, 'circle-color': 'transparent', 'circle-stroke-color': css('--accent'), 'circle-stroke-width': 3 } },
      {
        id: 'units', type: 'symbol', source: 'units', filter: ['!', ['has', 'point_count']],
        layout: {
          'icon-image': ['get', 'icon'], 'icon-rotate': ['get', 'turn'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true,
          'symbol-sort-key': ['get', 'order'], 'text-field': ['get', 'label'], 'text-font': font, 'text-size': 11.5 * large, 'text-anchor': 'left', 'text-justify': 'left', 'text-offset': [1, 0], 'text-optional': true,
        },
        paint: { 'icon-opacity': ['get', 'fade'], 'text-opacity': ['max', 0.65, ['get', 'fade']], 'text-color': css('--text'), 'text-halo-color': css('--map-halo'), 'text-halo-width': 1.8 },
      },
    ],
  };
}
