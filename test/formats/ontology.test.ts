// Trees of regions as other programs write them, and what is done with those that are no trees.
import { expect, test } from 'vitest';
import { orderRegions } from '../../main/engine/atlases/order-regions.ts';
import { RegionTree } from '../../main/engine/atlases/region-tree.ts';
import { readOntology } from '../../main/engine/formats/ontology.ts';

const read = (text: string, file = 'regions.csv') => readOntology(new TextEncoder().encode(text), file);
const ordered = (text: string, file = 'regions.csv') => orderRegions(read(text, file).entries, file);
const tree = (text: string): readonly string[] =>
  ordered(text).regions.map(({ label, acronym, parent, colour }) => `${label} ${acronym} ${parent} ${colour}`);

const wanted = ['997 root null #ffffff', '8 grey 0 #bfdae3', '567 CH 1 #019399', '73 VS 0 #ffffff'];

test('the same tree from all that writes it', () => {
  const leaf = { id: 567, acronym: 'CH', name: 'Cerebrum', color_hex_triplet: '019399', parent_structure_id: 8 };
  const grey = { id: 8, acronym: 'grey', name: 'Grey, all', color_hex_triplet: 'BFDAE3', children: [leaf] };
  const root = { id: 997, acronym: 'root', name: 'root', color_hex_triplet: 'FFFFFF', parent_structure_id: null };
  const ventricles = { id: 73, acronym: 'VS', name: 'ventricles', children: [] };
  const nested = { ...root, children: [grey, ventricles] };
  expect(tree(JSON.stringify(nested))).toEqual(wanted);
  expect(tree(JSON.stringify({ success: true, msg: [nested] }))).toEqual(wanted);
  const flat = [
    { id: 73, acronym: 'VS', name: 'ventricles', structure_id_path: [997, 73], graph_order: 9 },
    { id: 567, acronym: 'CH', name: 'Cerebrum', structure_id_path: [997, 8, 567], rgb_triplet: [1, 147, 153] },
    { id: 8, acronym: 'grey', name: 'Grey', structure_id_path: [997, 8], rgb_triplet: [191, 218, 227], graph_order: 1 },
    { id: 997, acronym: 'root', name: 'root', structure_id_path: [997], rgb_triplet: [255, 255, 255] },
  ];
  expect(tree(JSON.stringify(flat))).toEqual(wanted);
  const allen =
    'id,atlas_id,name,acronym,parent_structure_id,graph_order,structure_id_path,color_hex_triplet\n' +
    '997,-1,root,root,,0,/997/,FFFFFF\n73,0,ventricles,VS,997.0,3,/997/73/,\n' +
    '8,0,"Grey, all",grey,997.0,1,/997/8/,BFDAE3\n567,70,Cerebrum,CH,8.0,2,/997/8/567/,19399\n';
  expect(tree(allen.replace('/997/73/,\n', '/997/73/,FFFFFF\n'))).toEqual(wanted);
  const table =
    'ID;Name;Acronym;Parent;Colour\n997;root;root;;#ffffff\n8;g;grey;root;#bfdae3\n567;c;CH;grey;1,147,153\n73;v;VS;997;\n';
  expect(tree(table)).toEqual(wanted);
});

test('tables of labels without a tree: ITK-SNAP, FreeSurfer', () => {
  const snap =
    '# ITK-SnAP Label Description File\n    0     0    0    0        0  0  0    "Clear Label"\n    7   255    0   16        1  1  1    "Left \'x\'"\n';
  expect(read(snap).entries).toMatchObject([{ id: '7', name: "Left 'x'", colour: '#ff0010', parent: null }]);
  const free = '#No. Label Name:      R   G   B   A\n\n0   Unknown   0 0 0 0\n17  Left-Hippocampus  220 216 20  0\n';
  expect(read(free).entries).toMatchObject([{ id: '17', name: 'Left-Hippocampus', colour: '#dcd814' }]);
  expect(() => read(`${free}18 broken\n`)).toThrow('line 5: "18 broken" is no label');
});

test('ids beyond 2^53 keep their digits', () => {
  const id = '9223372036854775809';
  expect(read(`[{"id":${id},"name":"a"},{"id":1,"name":"b","parent_structure_id":${id}}]`).entries).toMatchObject([
    { id },
    { parent: id },
  ]);
});

test('holes, circles and doubles are mended and told; two names of one id are refused', () => {
  const head = 'id,name,acronym,parent\n';
  const hole = ordered(`${head}1,a,A,\n2,b,B,99\n`);
  expect(hole.regions.map(({ parent }) => parent)).toEqual([null, null]);
  expect(hole.warnings).toEqual([
    { subject: 'regions.csv', message: 'B (2) (line 3) is inside of 99, which is not there: put at the top.' },
  ]);
  const circle = ordered(`${head}1,a,A,3\n2,b,B,1\n3,c,C,2\n4,d,D,3\n5,e,E,5\n`);
  expect(circle.regions.map(({ acronym, parent }) => [acronym, parent])).toEqual([
    ['A', null],
    ['B', 0],
    ['C', 1],
    ['D', 2],
    ['E', null],
  ]);
  expect(circle.warnings.map(({ message }) => message)).toEqual([
    'Regions lie in a circle (A (1) in C (3) in B (2) in A (1)): A (1) is put at the top.',
    'Regions lie in a circle (E (5) in E (5)): E (5) is put at the top.',
  ]);
  expect(ordered(`${head}1,a,A,\n1,a,A,\n`)).toMatchObject({ regions: [{ label: '1' }], warnings: [{}] });
  expect(() => ordered(`${head}1,a,A,\n1,b,B,\n`)).toThrow('the id 1 is A (1) (line 2) and B (1) (line 3)');
  expect(() => read(`${head}one,a,A,\n`)).toThrow('line 2: "one" is no label id');
  expect(() => read('name,acronym\na,A\n')).toThrow('none of its columns (name, acronym) is "id"');
});

test('a region is found by acronym before names, and knows all that is inside of it', () => {
  const { regions } = ordered(
    'id,name,acronym,parent\n1,root,root,\n2,Visual areas,VIS,1\n3,Primary visual area,VISp,2\n4,VIS of nothing,x,1\n33,visual,v,1\n',
  );
  const rows = regions.map((region, at) => ({ at, ...region, in_table: 1, voxels: 10 ** at }));
  const made = new RegionTree(rows);
  const found = (text: string, from?: number, end?: number) => made.find(text, from, end).map(({ id }) => id);
  expect(found('vis')).toEqual(['2', '3', '4', '33']);
  expect(found('visual')).toEqual(['33', '2', '3']);
  expect(found('area primary')).toEqual(['3']);
  expect(found('3')).toEqual(['3', '33']);
  const vis = made.named('vis');
  expect(vis).toMatchObject({ at: 1, end: 3, depth: 1, voxels: 10, allVoxels: 110 });
  expect(found('visual', vis?.at, vis?.end)).toEqual(['2', '3']);
  expect(made.pathOf(2).map(({ acronym }) => acronym)).toEqual(['root', 'VIS', 'VISp']);
});
