declare module 'draco3d/draco_encoder_nodejs.js' {
  /** What the tests use of Google's encoder. */
  interface EncoderModule {
    readonly POSITION: number;
    readonly Encoder: new () => {
      EncodeMeshToDracoBuffer(mesh: object, out: object): number;
      SetEncodingMethod(method: number): void;
    };
    readonly MeshBuilder: new () => {
      AddFacesToMesh(mesh: object, faces: number, indices: Uint32Array): boolean;
      AddInt32Attribute(
        mesh: object,
        attribute: number,
        points: number,
        components: number,
        values: Int32Array,
      ): number;
    };
    readonly Mesh: new () => object;
    readonly DracoInt8Array: new () => { GetValue(i: number): number };
  }
  const createEncoder: () => Promise<EncoderModule>;
  export default createEncoder;
}
