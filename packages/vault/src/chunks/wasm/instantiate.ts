/** What one of our modules exports. */
export interface Machine {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly run: (...parameters: readonly number[]) => number;
}

/** What we use of `WebAssembly`, which the types of Node leave to those of the browser. */
interface WebAssemblyDoor {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: Machine['run'];
}

/** Starts a module made by `encodeModule`. A few kilobytes are compiled in less than a millisecond. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>): Machine {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyDoor };
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return { memory: new Uint8Array(memory.buffer), run };
}
