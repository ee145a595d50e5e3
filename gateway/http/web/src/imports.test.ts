import { expect, test } from 'vitest';

// below are the folders that a folder may import from, besides itself: what the pages
// share is below the map, the map below the pages, and the replay is made of the parts
// of the dispatcher's page.
const below: Record<string, string[]> = {
  style: [], shared: [], map: ['shared'], dispatcher: ['shared', 'map', 'style'],
  replay: ['shared', 'map', 'dispatcher', 'style'], analysis: ['shared', 'style'], keypad: ['shared'],
};

// generated is made by `npm run types`, from the API's description.
const generated = 'shared/openapi.ts';

const sources = import.meta.glob<string>('./*/**/*.ts', { query: '?raw', import: 'default', eager: true });

// importsOf are the files that a source imports from this page, types and later loads too.
function importsOf(file: string, source: string): string[] {
  const found = source.matchAll(/(?:^(?:import|export)[^'"]*|\bimport\()['"](\.[^'"?]+)/gm);
  return [...found].map((m) => new URL(m[1]!, `file:///${file}`).pathname.slice(1)).map((path) => (/\.\w+$/.test(path) ? path : `${path}.ts`));
}

// circle is a way along imports from a file back to itself, or empty.
function circle(imports: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const walk = (file: string, way: string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const found = walk(next, [...way, file]);
      if (found.length) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const found = walk(file, []);
    if (found.length) return found;
  }
  return [];
}

const imports = new Map(Object.entries(sources).map(([path, source]) => {
  const file = path.slice(2);
  return [file, importsOf(file, source)];
}));

test('no file imports itself by way of others', () => {
  expect(importsOf('map/a.ts', "import type { B } from '../shared/b';\nimport './a.css';\nconst c = import('./c');\nexport * from './d';")).toEqual(['shared/b.ts', 'map/a.css', 'map/c.ts', 'map/d.ts']);
  expect(circle(new Map([['a.ts', ['b.ts', 'c.ts']], ['b.ts', []], ['c.ts', ['b.ts', 'a.ts']]]))).toEqual(['a.ts', 'c.ts', 'a.ts']);
  expect(imports.size).toBeGreaterThan(50);
  expect([...imports.values()].flat().filter((to) => to.endsWith('.ts') && to !== generated && !imports.has(to))).toEqual([]);
  expect(circle(imports)).toEqual([]);
});

test('a folder imports only from those below it', () => {
  const against: string[] = [];
  for (const [file, all] of imports) {
    const folder = file.split('/')[0]!;
    for (const to of all) {
      const other = to.split('/')[0]!;
      if (to.includes('/') && other !== folder && !below[folder]?.includes(other)) against.push(`${file} imports ${to}`);
    }
  }
  expect(against).toEqual([]);
});
