import type { ReconcilerRoot } from '@react-three/fiber';
import { createRoot, extend } from '@react-three/fiber';
import type { ReactNode } from 'react';
import {
  BoxGeometry,
  CylinderGeometry,
  Group,
  Matrix4,
  Mesh,
  MeshBasicMaterial,
  Quaternion,
  SphereGeometry,
} from 'three';
import { Vector3 } from 'three';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { axisColours } from '../stage/overlay.ts';
import type { AxesMessage, ScreenAxes } from './axes-messages.ts';
import { FlatRenderer } from './flat-renderer.ts';

/** Draws the axes of all 3-D panes, off the window's own thread. */

extend({ BoxGeometry, CylinderGeometry, Group, Mesh, MeshBasicMaterial, SphereGeometry });

const roots = new Map<number, ReconcilerRoot<HTMLCanvasElement>>();

function receive(message: AxesMessage): void {
  if (message.t === 'canvas') return place(message);
  const root = roots.get(message.id);
  if (message.t === 'turn') root?.render(<Axes {...message.screen} />);
  else {
    root?.unmount();
    roots.delete(message.id);
  }
}

function place({ id, canvas, sidePx, ratio }: Extract<AxesMessage, { readonly t: 'canvas' }>): void {
  // The types of fiber know an OffscreenCanvas of their own.
  const root = createRoot(canvas as unknown as HTMLCanvasElement);
  void root.configure({
    size: { width: sidePx, height: sidePx, top: 0, left: 0 },
    dpr: ratio,
    frameloop: 'demand',
    orthographic: true,
    camera: { position: [0, 0, 10], zoom: 21, near: 0.1, far: 20 },
    gl: new FlatRenderer(canvas),
  });
  roots.set(id, root);
}

/** Three rods from the middle of a small box. Drawn only when the view turns. */
function Axes({ right, down, forward }: ScreenAxes): ReactNode {
  return (
    <group quaternion={screenFromVolume(right, down, forward)}>
      {rods.map(({ colour, turn }) => (
        <group key={colour} quaternion={turn}>
          <mesh position={[0, 0.5, 0]}>
            <cylinderGeometry args={[0.05, 0.05, 1, 12]} />
            <meshBasicMaterial color={colour} />
          </mesh>
          <mesh position={[0, 1, 0]}>
            <sphereGeometry args={[0.11, 16, 12]} />
            <meshBasicMaterial color={colour} />
          </mesh>
        </group>
      ))}
      <mesh>
        <boxGeometry args={[0.34, 0.34, 0.34]} />
        <meshBasicMaterial color="#7a7f89" />
      </mesh>
    </group>
  );
}

const up = new Vector3(0, 1, 0);

/** three's cylinders stand along y; each is turned to its axis. */
const rods = axisColours.map((colour, axis) => ({
  colour,
  turn: new Quaternion().setFromUnitVectors(up, new Vector3().setComponent(axis, 1)),
}));

/** three's screen has x right, y up, z towards the viewer. */
function screenFromVolume(right: Vec3, down: Vec3, forward: Vec3): Quaternion {
  const [x, y, z] = [right, down.map((part) => -part), forward.map((part) => -part)].map((row) =>
    new Vector3().fromArray(row),
  );
  const volumeFromScreen = new Matrix4().makeBasis(x ?? up, y ?? up, z ?? up);
  return new Quaternion().setFromRotationMatrix(volumeFromScreen.transpose());
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<AxesMessage>) => void) | null;
}

(globalThis as unknown as WorkerScope).onmessage = ({ data }) => receive(data);
