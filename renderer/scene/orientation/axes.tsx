import { Canvas } from '@react-three/fiber';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { Matrix4, Quaternion, Vector3 } from 'three';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { axisColours } from '../stage/overlay.ts';

interface AxesProps {
  /** Screen directions in volume space, unit vectors. */
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
}

/** Three rods from the middle of a small box. Drawn only when the view turns. */
export function Axes({ right, down, forward }: AxesProps): ReactNode {
  const quaternion = useMemo(() => screenFromVolume(right, down, forward), [right, down, forward]);
  return (
    <Canvas
      className="orientation-canvas"
      frameloop="demand"
      orthographic
      dpr={[1, 2]}
      camera={{ position: [0, 0, 10], zoom: 21, near: 0.1, far: 20 }}
      gl={{ alpha: true, antialias: true, powerPreference: 'low-power' }}
      aria-hidden
    >
      <ambientLight intensity={1.6} />
      <directionalLight position={[2, 4, 8]} intensity={1.8} />
      <group quaternion={quaternion}>
        {rods.map(({ colour, direction, turn }) => (
          <group key={colour} quaternion={turn}>
            <mesh position={[0, 0.5, 0]}>
              <cylinderGeometry args={[0.05, 0.05, 1, 12]} />
              <meshStandardMaterial color={colour} />
            </mesh>
            <mesh position={[0, 1, 0]} name={direction}>
              <sphereGeometry args={[0.11, 16, 12]} />
              <meshStandardMaterial color={colour} />
            </mesh>
          </group>
        ))}
        <mesh>
          <boxGeometry args={[0.34, 0.34, 0.34]} />
          <meshStandardMaterial color="#7a7f89" />
        </mesh>
      </group>
    </Canvas>
  );
}

const up = new Vector3(0, 1, 0);

/** three's cylinders stand along y; each is turned to its axis. */
const rods = (['x', 'y', 'z'] as const).map((direction, axis) => ({
  direction,
  colour: axisColours[axis] ?? '#ffffff',
  turn: new Quaternion().setFromUnitVectors(up, new Vector3().setComponent(axis, 1)),
}));

/** three's screen has x right, y up, z towards the viewer. */
function screenFromVolume(right: Vec3, down: Vec3, forward: Vec3): Quaternion {
  const rows = new Matrix4().set(
    right[0],
    right[1],
    right[2],
    0,
    -down[0],
    -down[1],
    -down[2],
    0,
    -forward[0],
    -forward[1],
    -forward[2],
    0,
    0,
    0,
    0,
    1,
  );
  return new Quaternion().setFromRotationMatrix(rows);
}
