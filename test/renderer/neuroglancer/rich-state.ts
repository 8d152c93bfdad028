/** A state that uses most of what Lamella reads, of new and old versions of Neuroglancer. */
export const richState = {
  dimensions: { x: [4e-9, 'm'], y: [4e-9, 'm'], z: [4e-8, 'm'], t: [1, 's'], c: [1, ''] },
  relativeDisplayScales: [1, 1, 2],
  displayDimensions: ['x', 'y', 'z'],
  position: [5120.5, 4096.25, 33.5, 1, 0],
  crossSectionOrientation: [0, 0, 0.6, 0.8],
  crossSectionScale: 2,
  projectionScale: 65_536,
  projectionOrientation: [0, 0.3826834323650898, 0, 0.9238795325112867],
  layers: [
    {
      type: 'image',
      source: {
        url: 'precomputed://https://data.example.org/em',
        transform: {
          matrix: [
            [1, 0, 0, 10],
            [0, 1, 0.1, 20],
            [0, 0, 1, 0],
          ],
          outputDimensions: { x: [4e-9, 'm'], y: [4e-9, 'm'], z: [4e-8, 'm'] },
          inputDimensions: { x: [4e-9, 'm'], y: [4e-9, 'm'], z: [4e-8, 'm'] },
        },
      },
      opacity: 0.7,
      blend: 'additive',
      shader:
        '#uicontrol invlerp normalized(range=[0, 255], channel=[0])\n#uicontrol vec3 color color(default="#00ff00")\nvoid main() {\n  emitRGB(color * pow(normalized(), 0.5));\n}\n',
      shaderControls: { normalized: { range: [12, 200], window: [0, 255], channel: [1] }, color: '#ff8800' },
      localDimensions: { "c'": [1, ''] },
      localPosition: [1],
      volumeRendering: 'max',
      name: 'EM',
    },
    { type: 'image', source: 's3://open-data/light.zarr|zarr2:', color: 'GREEN', min: 0.1, max: 0.9, name: 'light' },
    {
      type: 'segmentation',
      source: ['precomputed://gs://flyem/segmentation', 'precomputed://gs://flyem/segmentation/mesh'],
      transform: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 5],
        [0, 0, 0, 1],
      ],
      segments: ['18446744073709551615', '!7', 12],
      segmentColors: { '12': '#f00', '13': 'rgb(1, 2, 3)' },
      colorSeed: 42,
      selectedAlpha: 0.4,
      notSelectedAlpha: 0.2,
      equivalences: [['1', '2']],
      name: 'neurons',
    },
    {
      type: 'segmentation',
      source: 'precomputed://https://elsewhere.example.org/seg',
      mesh: 'precomputed://gs://a/mesh',
      name: 'to add',
    },
    {
      type: 'annotation',
      source: 'local://annotations',
      annotationColor: '#ffff00',
      annotations: [
        { type: 'point', id: 'a', point: [100.5, 200.5, 3.5], description: 'synapse 1\nmore' },
        { type: 'line', id: 'b', pointA: [0, 0, 0], pointB: [1, 2, 3] },
        { type: 'ellipsoid', id: 'c', center: [0, 0, 0], radii: [1, 1, 1] },
      ],
      points: [[1, 2, 3]],
      name: 'marks',
    },
  ],
  selectedLayer: { visible: true, layer: 'neurons' },
  navigation: {
    pose: { position: { voxelSize: [4, 4, 40], voxelCoordinates: [1, 2, 3] }, orientation: [0, 0, 0, 1] },
    zoomFactor: 8,
  },
  perspectiveOrientation: [0, 0, 0, 1],
  perspectiveZoom: 100,
  layout: {
    type: 'row',
    children: [
      {
        type: 'viewer',
        layers: ['EM'],
        layout: 'xy',
        crossSectionScale: { link: 'relative', value: 2 },
        crossSectionOrientation: { link: 'unlinked', value: [0, 0, 0, 1] },
        projectionOrientation: { link: 'relative', value: [0, 0, 0, 1] },
        projectionScale: 1000,
      },
      {
        type: 'column',
        children: [{ type: 'viewer', layers: ['neurons'], layout: { type: '3d', orthographicProjection: true } }],
      },
    ],
  },
  showSlices: false,
};
