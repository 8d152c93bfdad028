import { BoxGeometry, Group, Mesh, MeshBasicMaterial, OrthographicCamera, SphereGeometry } from 'three';
import { describe, expect, test } from 'vitest';
import { facesIn } from '../../renderer/scene/orientation/flat-renderer.ts';

const size = { width: 100, height: 80 };

/** Ten pixels a unit, from z = 10. */
function camera(): OrthographicCamera {
  const made = new OrthographicCamera(-5, 5, 4, -4, 0.1, 20);
  made.position.z = 10;
  made.updateProjectionMatrix();
  return made;
}

const box = (colour: string, z: number): Mesh => {
  const mesh = new Mesh(new BoxGeometry(2, 2, 2), new MeshBasicMaterial({ color: colour }));
  mesh.position.set(1, 0.5, z);
  return mesh;
};

const greyOf = (colour: string): number => Math.max(...(colour.match(/\d+/g) ?? []).map(Number));

describe('faces of a small scene', () => {
  test('a box that is seen from the front is one square of two triangles, where the camera puts it', () => {
    const scene = new Group().add(box('#808080', 0));
    const faces = facesIn(scene, camera(), size);
    expect(faces).toHaveLength(2);
    const [xs, ys] = [0, 1].map((axis) => faces.flatMap(({ corners }) => corners.filter((_, i) => i % 2 === axis)));
    expect([Math.min(...(xs ?? [])), Math.max(...(xs ?? []))]).toEqual([50, 70]);
    expect([Math.min(...(ys ?? [])), Math.max(...(ys ?? []))].map(Math.round)).toEqual([25, 45]);
  });

  test('what is nearer comes later, and what is hidden does not come', () => {
    const hidden = box('#00ff00', 2);
    hidden.visible = false;
    const scene = new Group().add(box('#ff0000', 3), box('#0000ff', -3), hidden);
    const colours = facesIn(scene, camera(), size).map(({ colour }) => colour.replaceAll(/\d{2,}/g, 'n'));
    expect(colours).toEqual(['rgb(0 0 n)', 'rgb(0 0 n)', 'rgb(n 0 0)', 'rgb(n 0 0)']);
  });

  test('a ball is brightest where the light falls on it, and never darker than its shade or brighter than its colour', () => {
    const ball = new Mesh(new SphereGeometry(2, 24, 16), new MeshBasicMaterial({ color: '#c8c8c8' }));
    const faces = facesIn(new Group().add(ball), camera(), size);
    const greys = faces.map(({ colour }) => greyOf(colour));
    expect(Math.max(...greys)).toBeGreaterThan(195);
    expect(Math.max(...greys)).toBeLessThanOrEqual(200);
    expect(Math.min(...greys)).toBeGreaterThanOrEqual(110);
    const brightest = faces[greys.indexOf(Math.max(...greys))]?.corners ?? [];
    expect(brightest[0]).toBeLessThan(50);
    expect(brightest[1]).toBeLessThan(40);
  });

  test('turning a group turns what is in it', () => {
    const scene = new Group().add(box('#808080', 0));
    scene.rotation.z = Math.PI;
    const xs = facesIn(scene, camera(), size).flatMap(({ corners }) => corners.filter((_, i) => i % 2 === 0));
    expect([Math.min(...xs), Math.max(...xs)].map(Math.round)).toEqual([30, 50]);
  });
});
